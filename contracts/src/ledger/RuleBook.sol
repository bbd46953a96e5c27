// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IAccessRegistry} from "./IAccessRegistry.sol";
import {IRuleBook} from "./IRuleBook.sol";

/// @title Rule numbers by (rule, year), each set by two regulators.
contract RuleBook is Governed, IRuleBook {
    uint64 private _proposalCount;
    mapping(uint64 proposalId => Proposal) private _proposals;
    mapping(bytes32 ruleId => mapping(uint32 year => Version[])) private _versions;

    constructor(IAccessRegistry access_) Governed(access_) {}

    /// @inheritdoc IRuleBook
    function proposeRule(
        bytes32 ruleId,
        uint32 year,
        uint128 number,
        bytes32 digest,
        uint64 validFrom,
        uint64 validTo,
        bool draft
    ) external returns (uint64 proposalId) {
        _requireOfficer(IAccessRegistry.Role.REGULATOR);
        if (digest == 0) revert NoDigest();
        if (validFrom >= validTo) revert EmptyValidity(validFrom, validTo);
        Version memory content = Version(number, validFrom, validTo, digest, draft, false);
        proposalId = _propose(ruleId, year, 0, content);
        emit RuleProposed(_next(), proposalId, ruleId, year, msg.sender, content);
    }

    /// @inheritdoc IRuleBook
    function proposeRelease(bytes32 ruleId, uint32 year, uint32 version, bytes32 evidence)
        external
        returns (uint64 proposalId)
    {
        _requireOfficer(IAccessRegistry.Role.REGULATOR);
        if (evidence == 0) revert NoDigest();
        Version memory content = _releasable(ruleId, year, version);
        proposalId = _propose(ruleId, year, version, content);
        emit DraftReleaseProposed(
            _next(), proposalId, ruleId, year, version, msg.sender, evidence
        );
    }

    /// @inheritdoc IRuleBook
    function approve(uint64 proposalId) external {
        _requireOfficer(IAccessRegistry.Role.REGULATOR);
        Proposal storage found = _open(proposalId);
        _requireSecond(found.proposer, IAccessRegistry.Role.REGULATOR);
        found.open = false;
        (bytes32 ruleId, uint32 year, uint32 version) = (found.ruleId, found.year, found.version);
        Version[] storage versions = _versions[ruleId][year];
        if (version == 0) {
            versions.push(found.content);
            version = uint32(versions.length);
            emit RuleAdded(_next(), proposalId, ruleId, year, version, msg.sender);
        } else {
            _releasable(ruleId, year, version);
            versions[version - 1].released = true;
            emit DraftReleased(_next(), proposalId, ruleId, year, version, msg.sender);
        }
    }

    /// @inheritdoc IRuleBook
    function withdraw(uint64 proposalId) external {
        _requireOfficer(IAccessRegistry.Role.REGULATOR);
        _open(proposalId).open = false;
        emit RuleProposalWithdrawn(_next(), proposalId, msg.sender);
    }

    /// @inheritdoc IRuleBook
    function numberAt(bytes32 ruleId, uint32 year, uint64 time)
        public
        view
        returns (uint128 number, uint32 version)
    {
        Version[] storage versions = _versions[ruleId][year];
        uint256 length = versions.length;
        if (length == 0) revert UnknownRule(ruleId, year);
        for (uint256 i = length; i > 0; --i) {
            Version storage each = versions[i - 1];
            if (each.validFrom <= time && time < each.validTo) {
                if (each.draft && !each.released) revert RuleIsDraft(ruleId, year, uint32(i));
                return (each.number, uint32(i));
            }
        }
        Version storage newest = versions[length - 1];
        if (time < newest.validFrom) revert RuleNotYetValid(ruleId, year, newest.validFrom);
        revert RuleExpired(ruleId, year, newest.validTo);
    }

    /// @inheritdoc IRuleBook
    function admissionAt(uint32 classId, uint32 year, uint64 time)
        external
        view
        returns (uint128 admission, uint32 version)
    {
        return numberAt(admissionRule(classId), year, time);
    }

    /// @inheritdoc IRuleBook
    function admissionRule(uint32 classId) public pure returns (bytes32) {
        return keccak256(abi.encode("admissible", classId));
    }

    /// @inheritdoc IRuleBook
    function versionOf(bytes32 ruleId, uint32 year, uint32 version)
        external
        view
        returns (Version memory found)
    {
        Version[] storage versions = _versions[ruleId][year];
        if (version != 0 && version <= versions.length) found = versions[version - 1];
    }

    /// @inheritdoc IRuleBook
    function versionCount(bytes32 ruleId, uint32 year) external view returns (uint32) {
        return uint32(_versions[ruleId][year].length);
    }

    /// @inheritdoc IRuleBook
    function proposal(uint64 proposalId) external view returns (Proposal memory) {
        return _proposals[proposalId];
    }

    function _propose(bytes32 ruleId, uint32 year, uint32 version, Version memory content)
        private
        returns (uint64 proposalId)
    {
        proposalId = ++_proposalCount;
        _proposals[proposalId] = Proposal(ruleId, year, version, msg.sender, true, content);
    }

    function _open(uint64 proposalId) private view returns (Proposal storage found) {
        found = _proposals[proposalId];
        if (!found.open) revert ProposalNotOpen(proposalId);
    }

    function _releasable(bytes32 ruleId, uint32 year, uint32 version)
        private
        view
        returns (Version storage found)
    {
        Version[] storage versions = _versions[ruleId][year];
        if (version == 0 || version > versions.length) {
            revert UnknownVersion(ruleId, year, version);
        }
        found = versions[version - 1];
        if (!found.draft || found.released) revert NothingToRelease(ruleId, year, version);
    }
}
