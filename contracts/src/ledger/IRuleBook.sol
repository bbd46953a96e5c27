// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGoverned} from "./IGoverned.sol";

/// @title What is refused because of a rule; part of every contract that reads rules.
interface IRuleErrors {
    /// @notice No number was ever entered for this rule and year.
    error UnknownRule(bytes32 ruleId, uint32 year);
    /// @notice The newest version becomes valid later.
    error RuleNotYetValid(bytes32 ruleId, uint32 year, uint64 validFrom);
    /// @notice No version is valid any more.
    error RuleExpired(bytes32 ruleId, uint32 year, uint64 validTo);
    /// @notice The valid version is a draft, and its use was not released.
    error RuleIsDraft(bytes32 ruleId, uint32 year, uint32 version);
}

/// @title The numbers that the ledger checks, by rule and year, each with the digest of its record.
/// @notice A number is entered by one regulator and confirmed by another. A version is never changed:
///         a new one is added, and a settlement names the version it was made under. A draft is
///         used only after its use was released, which takes two regulators as well.
/// @dev    Whether units of a class may serve an obligation year is a rule too: its id is
///         keccak256(abi.encode("admissible", classId)) and its number an `Admission`.
interface IRuleBook is IGoverned, IRuleErrors {
    /// How units of a class may serve an obligation year.
    enum Admission {
        NO,
        /// Surrendered as allowances.
        ALLOWANCE,
        /// CCER: frozen, pending, used, then cancelled.
        OFFSET,
        /// CCER: frozen, cancelled, then used.
        OFFSET_CANCELLED_FIRST
    }

    struct Version {
        uint128 number;
        uint64 validFrom;
        /// The first second at which it is not valid any more.
        uint64 validTo;
        bytes32 digest;
        bool draft;
        /// The use of the draft was released.
        bool released;
    }

    struct Proposal {
        bytes32 ruleId;
        uint32 year;
        /// 0: a new version; else the draft whose use is to be released.
        uint32 version;
        address proposer;
        bool open;
        Version content;
    }

    event RuleProposed(
        uint64 sequence,
        uint64 indexed proposalId,
        bytes32 indexed ruleId,
        uint32 indexed year,
        address proposer,
        Version content
    );
    event DraftReleaseProposed(
        uint64 sequence,
        uint64 indexed proposalId,
        bytes32 indexed ruleId,
        uint32 indexed year,
        uint32 version,
        address proposer,
        bytes32 evidence
    );
    event RuleProposalWithdrawn(uint64 sequence, uint64 indexed proposalId, address officer);
    event RuleAdded(
        uint64 sequence,
        uint64 indexed proposalId,
        bytes32 indexed ruleId,
        uint32 indexed year,
        uint32 version,
        address approver
    );
    event DraftReleased(
        uint64 sequence,
        uint64 indexed proposalId,
        bytes32 indexed ruleId,
        uint32 indexed year,
        uint32 version,
        address approver
    );

    /// @notice The rule would be valid at no time.
    error EmptyValidity(uint64 validFrom, uint64 validTo);
    error ProposalNotOpen(uint64 proposalId);
    error UnknownVersion(bytes32 ruleId, uint32 year, uint32 version);
    /// @notice The version is no draft, or its use is released already.
    error NothingToRelease(bytes32 ruleId, uint32 year, uint32 version);

    /// @notice Asks for a new version of a rule. REGULATOR.
    function proposeRule(
        bytes32 ruleId,
        uint32 year,
        uint128 number,
        bytes32 digest,
        uint64 validFrom,
        uint64 validTo,
        bool draft
    ) external returns (uint64 proposalId);

    /// @notice Asks for a draft to be usable, on the evidence of a record. REGULATOR.
    function proposeRelease(bytes32 ruleId, uint32 year, uint32 version, bytes32 evidence)
        external
        returns (uint64 proposalId);

    /// @notice Agrees and carries it out. Another REGULATOR.
    function approve(uint64 proposalId) external;

    /// @notice Takes a proposal back. REGULATOR.
    function withdraw(uint64 proposalId) external;

    /// @notice The number that holds at `time`: of the newest version that is valid then.
    function numberAt(bytes32 ruleId, uint32 year, uint64 time)
        external
        view
        returns (uint128 number, uint32 version);

    /// @notice How units of a class serve an obligation year at `time`.
    function admissionAt(uint32 classId, uint32 year, uint64 time)
        external
        view
        returns (uint128 admission, uint32 version);

    /// @notice The id of the rule that admits a class.
    function admissionRule(uint32 classId) external pure returns (bytes32);

    /// @notice A version of a rule, from 1; all zero when there is none.
    function versionOf(bytes32 ruleId, uint32 year, uint32 version)
        external
        view
        returns (Version memory);

    function versionCount(bytes32 ruleId, uint32 year) external view returns (uint32);

    function proposal(uint64 proposalId) external view returns (Proposal memory);
}
