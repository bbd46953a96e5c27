// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICheckpointRegistry} from "./ICheckpointRegistry.sol";
import {MerkleSm3} from "./MerkleSm3.sol";
import {Sm3} from "./Sm3.sol";

/// @title Registry of checkpoints: compare-and-set heads with SM3 consistency proofs.
/// @dev   External functions that hash call `Sm3.reserve()` before anything else touches memory.
contract CheckpointRegistry is ICheckpointRegistry {
    /// SM3(""), the root of the empty tree.
    bytes32 private constant EMPTY_ROOT =
        0x1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b;

    struct Head {
        address signer;
        uint64 size;
        bytes32 root;
    }

    struct Identity {
        address owner;
        uint64 predecessorSize;
        bytes32 originHash;
        bytes32 successor;
        bytes32 predecessor;
        bytes32 predecessorRoot;
    }

    struct Anchor {
        bytes32 root;
        uint64 blockNumber;
        uint64 time;
    }

    mapping(bytes32 logId => Head) private _heads;
    mapping(bytes32 logId => Identity) private _identities;
    mapping(bytes32 logId => mapping(uint64 size => Anchor)) private _anchors;

    /// @inheritdoc ICheckpointRegistry
    function openLog(bytes32 originHash, address signer) external returns (bytes32 logId) {
        return _open(originHash, signer);
    }

    /// @inheritdoc ICheckpointRegistry
    function openSuccessor(bytes32 originHash, address signer, bytes32 oldLogId)
        external
        returns (bytes32 logId)
    {
        Identity storage old = _ownedOpen(oldLogId);
        Head storage last = _heads[oldLogId];
        logId = _open(originHash, signer);
        Identity storage identity = _identities[logId];
        identity.predecessor = oldLogId;
        identity.predecessorSize = last.size;
        identity.predecessorRoot = last.root;
        old.successor = logId;
        emit LogSucceeded(oldLogId, logId, last.size, last.root);
    }

    /// @inheritdoc ICheckpointRegistry
    function rotateSigner(bytes32 logId, address newSigner) external {
        _ownedOpen(logId);
        if (newSigner == address(0)) revert ZeroSigner();
        Head storage current = _heads[logId];
        emit SignerRotated(logId, current.signer, newSigner);
        current.signer = newSigner;
    }

    /// @inheritdoc ICheckpointRegistry
    function anchor(
        bytes32 logId,
        uint64 prevSize,
        bytes32 prevRoot,
        uint64 size,
        bytes32 root,
        bytes32[] calldata proof
    ) external {
        Sm3.reserve();
        Head storage current = _heads[logId];
        (address signer, uint64 storedSize, bytes32 storedRoot) =
            (current.signer, current.size, current.root);
        if (signer == address(0)) revert UnknownLog(logId);
        if (msg.sender != signer) revert NotSigner(logId, msg.sender);
        _requireNotSucceeded(logId);
        if (storedSize == size && storedRoot == root) return;
        if (storedSize != prevSize || storedRoot != prevRoot) {
            revert HeadMismatch(logId, storedSize, storedRoot);
        }
        if (size <= prevSize) revert SizeNotGrowing(prevSize, size);
        if (!MerkleSm3.consistent(prevSize, size, prevRoot, root, proof)) {
            revert BadConsistencyProof(prevSize, size);
        }
        current.size = size;
        current.root = root;
        _anchors[logId][size] =
            Anchor({root: root, blockNumber: uint64(block.number), time: uint64(block.timestamp)});
        emit Anchored(logId, prevSize, prevRoot, size, root, uint64(block.timestamp));
    }

    /// @inheritdoc ICheckpointRegistry
    function head(bytes32 logId) external view returns (uint64 size, bytes32 root, uint64 time) {
        size = _heads[logId].size;
        return (size, _heads[logId].root, _anchors[logId][size].time);
    }

    /// @inheritdoc ICheckpointRegistry
    function anchoredAt(bytes32 logId, uint64 size)
        external
        view
        returns (bytes32 root, uint64 blockNumber, uint64 time)
    {
        Anchor storage found = _anchors[logId][size];
        return (found.root, found.blockNumber, found.time);
    }

    /// @inheritdoc ICheckpointRegistry
    function logInfo(bytes32 logId) external view returns (LogInfo memory) {
        Identity storage identity = _identities[logId];
        return LogInfo({
            owner: identity.owner,
            signer: _heads[logId].signer,
            originHash: identity.originHash,
            successor: identity.successor,
            predecessor: identity.predecessor,
            predecessorSize: identity.predecessorSize,
            predecessorRoot: identity.predecessorRoot
        });
    }

    /// @inheritdoc ICheckpointRegistry
    function verifyInclusion(
        bytes32 logId,
        uint64 size,
        uint64 index,
        bytes32 leafHash,
        bytes32[] calldata proof
    ) external view returns (bool) {
        Sm3.reserve();
        Anchor storage found = _anchors[logId][size];
        if (found.blockNumber == 0) revert NotAnchored(logId, size);
        return MerkleSm3.included(index, size, leafHash, found.root, proof);
    }

    /// @inheritdoc ICheckpointRegistry
    function sm3(bytes calldata data) external pure returns (bytes32) {
        Sm3.reserve();
        return Sm3.hash(data);
    }

    function _open(bytes32 originHash, address signer) private returns (bytes32 logId) {
        if (signer == address(0)) revert ZeroSigner();
        logId = keccak256(abi.encodePacked(msg.sender, originHash));
        Identity storage identity = _identities[logId];
        if (identity.owner != address(0)) revert LogAlreadyOpen(logId);
        identity.owner = msg.sender;
        identity.originHash = originHash;
        _heads[logId] = Head({signer: signer, size: 0, root: EMPTY_ROOT});
        emit LogOpened(logId, msg.sender, originHash, signer);
    }

    function _ownedOpen(bytes32 logId) private view returns (Identity storage identity) {
        identity = _identities[logId];
        if (identity.owner == address(0)) revert UnknownLog(logId);
        if (msg.sender != identity.owner) revert NotOwner(logId, msg.sender);
        _requireNotSucceeded(logId);
    }

    function _requireNotSucceeded(bytes32 logId) private view {
        bytes32 successor = _identities[logId].successor;
        if (successor != 0) revert LogClosed(logId, successor);
    }
}
