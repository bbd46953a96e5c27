// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Registry of the checkpoints of transparency logs: a log's head only ever moves forward.
/// @notice A log is opened by its owner, who names one signer. The signer moves the head from
///         (prevSize, prevRoot) to (size, root) and must prove, on chain, by an RFC 9162 consistency
///         proof over SM3, that the new tree contains the old one unchanged. No role can set a head
///         in any other way, nothing can be deleted, and the contract cannot be upgraded.
/// @dev    Roots, leaf hashes and proof elements are SM3 digests: leaf = SM3(0x00 || record),
///         inner = SM3(0x01 || left || right), empty tree = SM3(""). `head`, `anchoredAt` and
///         `logInfo` do not revert for what does not exist: they return zeros, so that a reader
///         need not decode an error.
interface ICheckpointRegistry {
    /// @notice A log was opened with the empty tree as its head.
    /// @param logId keccak256(abi.encodePacked(owner, originHash)).
    /// @param owner The account that opened it; only it can rotate the signer or name a successor.
    /// @param originHash keccak256 of the UTF-8 origin line of the log's checkpoints.
    /// @param signer The only account that can move the head.
    event LogOpened(
        bytes32 indexed logId, address indexed owner, bytes32 indexed originHash, address signer
    );

    /// @notice The owner replaced the signer of a log.
    event SignerRotated(
        bytes32 indexed logId, address indexed oldSigner, address indexed newSigner
    );

    /// @notice The head of a log moved from (prevSize, prevRoot) to (size, root).
    /// @param time Timestamp of the block, in the chain's own unit (seconds on every EVM engine;
    ///        milliseconds on FISCO BCOS without `feature_evm_timestamp`).
    event Anchored(
        bytes32 indexed logId,
        uint64 prevSize,
        bytes32 prevRoot,
        uint64 indexed size,
        bytes32 root,
        uint64 time
    );

    /// @notice A log was closed for good and continued by another one of the same owner.
    /// @param size Size of the closed log's last head.
    /// @param root Root of the closed log's last head.
    event LogSucceeded(
        bytes32 indexed oldLogId, bytes32 indexed newLogId, uint64 size, bytes32 root
    );

    /// @notice The caller has opened a log with this origin before.
    error LogAlreadyOpen(bytes32 logId);
    /// @notice No log with this id was ever opened.
    error UnknownLog(bytes32 logId);
    /// @notice The log was closed by naming its successor.
    error LogClosed(bytes32 logId, bytes32 successor);
    /// @notice The caller is not the owner of the log.
    error NotOwner(bytes32 logId, address caller);
    /// @notice The caller is not the signer of the log.
    error NotSigner(bytes32 logId, address caller);
    /// @notice The zero address cannot be a signer.
    error ZeroSigner();
    /// @notice (prevSize, prevRoot) is not the stored head, which is (size, root).
    error HeadMismatch(bytes32 logId, uint64 size, bytes32 root);
    /// @notice The new size is not greater than the size of the stored head.
    error SizeNotGrowing(uint64 prevSize, uint64 size);
    /// @notice The proof does not show that the tree of `prevSize` is a prefix of the tree of `size`.
    error BadConsistencyProof(uint64 prevSize, uint64 size);
    /// @notice The log has no anchored head of this size.
    error NotAnchored(bytes32 logId, uint64 size);

    /// @notice What is known of a log; all zero for a log that was never opened.
    struct LogInfo {
        /// The account that opened the log.
        address owner;
        /// The only account that can move the head.
        address signer;
        /// keccak256 of the UTF-8 origin line.
        bytes32 originHash;
        /// The log that continues this one; zero while it is open.
        bytes32 successor;
        /// The log that this one continues; zero when it is the first.
        bytes32 predecessor;
        /// Size of the predecessor's last head.
        uint64 predecessorSize;
        /// Root of the predecessor's last head.
        bytes32 predecessorRoot;
    }

    /// @notice Opens a log of the caller, with the empty tree as its head.
    /// @return logId keccak256(abi.encodePacked(msg.sender, originHash)).
    function openLog(bytes32 originHash, address signer) external returns (bytes32 logId);

    /// @notice Opens a log that continues `oldLogId` and closes that one for good.
    /// @dev    For a log whose entries are lost. The id, size and root of the old log's head stay
    ///         readable in `logInfo` of the new one. Only the owner of the old log can do this.
    function openSuccessor(bytes32 originHash, address signer, bytes32 oldLogId)
        external
        returns (bytes32 logId);

    /// @notice Replaces the signer. Only the owner; the head stays as it is.
    function rotateSigner(bytes32 logId, address newSigner) external;

    /// @notice Moves the head from (prevSize, prevRoot) to (size, root).
    /// @dev    Reverts unless (prevSize, prevRoot) is the stored head and `proof` is exactly the
    ///         RFC 9162 consistency proof between the two trees. The first anchor moves from size 0
    ///         and root SM3("") with an empty proof. When the stored head is (size, root) already,
    ///         nothing happens and the call succeeds, whatever the other arguments are: a duplicate
    ///         is harmless. Only the signer.
    function anchor(
        bytes32 logId,
        uint64 prevSize,
        bytes32 prevRoot,
        uint64 size,
        bytes32 root,
        bytes32[] calldata proof
    ) external;

    /// @notice The newest head: (0, SM3(""), 0) for an open log without an anchor, and root zero
    ///         for a log that was never opened.
    /// @return size Number of leaves.
    /// @return root Root of the tree of that size.
    /// @return time Timestamp of the block that anchored it.
    function head(bytes32 logId) external view returns (uint64 size, bytes32 root, uint64 time);

    /// @notice The anchor of exactly this size; all zero when there is none.
    function anchoredAt(bytes32 logId, uint64 size)
        external
        view
        returns (bytes32 root, uint64 blockNumber, uint64 time);

    /// @notice Owner, signer, origin, successor and predecessor of a log.
    function logInfo(bytes32 logId) external view returns (LogInfo memory);

    /// @notice Whether `proof` shows that `leafHash` is leaf number `index` (from 0) of the tree
    ///         anchored with `size` leaves. Reverts with NotAnchored when there is no such anchor.
    function verifyInclusion(
        bytes32 logId,
        uint64 size,
        uint64 index,
        bytes32 leafHash,
        bytes32[] calldata proof
    ) external view returns (bool);

    /// @notice SM3 (GB/T 32905-2016) of `data`.
    function sm3(bytes calldata data) external pure returns (bytes32);
}
