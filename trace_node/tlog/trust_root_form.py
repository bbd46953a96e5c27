"""What a trust root says; its form in JSON is in ``trust_root_json``."""

from dataclasses import dataclass, replace
from datetime import datetime

from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import KeyId, Origin
from trace_node.tlog.bundle_errors import TrustRootFormatError
from trace_node.tlog.note_keys import parse_vkey
from trace_node.tlog.policy import Policy, PolicyLog
from trace_node.tlog.policy_text import parse as parse_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """An SM2 key and the name of whose it is.

    Attributes:
        name: 1 to 128 characters, for people.
        point: 65-byte uncompressed point, on the curve.
    """

    name: str
    point: bytes

    @property
    def public(self) -> PublicKey:
        """The key."""
        return PublicKey.from_point(self.point)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKey:
    """A key that signs checkpoints, and the sizes of the log for which it does.

    Attributes:
        vkey: The key in the form of C2SP signed notes: name, key hash, type and key.
        from_size: Smallest size it signs, 0 or more.
        to_size: Largest size it signs; ``None`` for the key in use.
    """

    vkey: str
    from_size: int
    to_size: int | None

    def signs(self, size: int) -> bool:
        """Whether a checkpoint of ``size`` leaves is this key's to sign."""
        return self.from_size <= size and (self.to_size is None or size <= self.to_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class UntrustedKey:
    """A collector's key that was revoked, and from where in the log on.

    Attributes:
        key_id: Id of the key, 32 hex digits.
        from_index: Leaf index of the revocation: what the key delivers from there on is refused.
    """

    key_id: KeyId
    from_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedChain:
    """The chain and the registry contract on it.

    Attributes:
        engine: ``embedded``, ``anvil``, ``besu``, ``fisco`` or ``evm``.
        chain_id: EVM chain id, at least 1.
        genesis_hash: 32-byte hash of block 0.
        registry: 20-byte address of the CheckpointRegistry.
        code_hash: 32-byte keccak256 of its run-time code.
        validators: 20-byte addresses of the block makers, no two the same; empty for a single
            operator who is not named.
    """

    engine: str
    chain_id: int
    genesis_hash: bytes
    registry: bytes
    code_hash: bytes
    validators: tuple[bytes, ...]

    @property
    def is_single_operator(self) -> bool:
        """Whether one party alone makes the blocks and could rewrite them."""
        return len(self.validators) <= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustRoot:
    """Whom and what a verifier believes (信任根).

    Attributes:
        owner: Whose trust root this is; the key signs it.
        version: 1 for the first, then one more each.
        predecessor: 32-byte digest of the version before; ``None`` for version 1.
        issued_at: In force from here on.
        expires_at: In force before this instant.
        origin: Origin of the log.
        log_id: 32-byte id of the log on the chain; ``None`` exactly when ``chain`` is.
        log_keys: Keys of the log with their size ranges; at least one.
        device_authorities: Keys that sign key registrations of collectors; at least one.
        node_keys: Keys with which the node signs what it received and found.
        witness_policy: C2SP tlog-policy text; empty when no witness is demanded.
        chain: The chain; ``None`` for a log that is not anchored.
        revoked_keys: Keys of collectors that were revoked; with any it is ``trust-root@v2``.
    """

    owner: TrustedKey
    version: int
    predecessor: bytes | None
    issued_at: datetime
    expires_at: datetime
    origin: Origin
    log_id: bytes | None
    log_keys: tuple[LogKey, ...]
    device_authorities: tuple[TrustedKey, ...]
    node_keys: tuple[TrustedKey, ...]
    witness_policy: str
    chain: TrustedChain | None
    revoked_keys: tuple[UntrustedKey, ...] = ()


def policy_of(root: TrustRoot) -> Policy:
    """The policy of a trust root: its log keys, and the witnesses that its policy text demands.

    Raises:
        InputError: A vkey or the policy text is wrong.
    """
    policy = parse_policy(root.witness_policy.encode()) if root.witness_policy else Policy()
    if policy.logs:
        raise TrustRootFormatError(
            "{field}: holds log keys, which belong into log_keys", field="witness_policy"
        )
    return replace(policy, logs=tuple(PolicyLog(key=parse_vkey(k.vkey)) for k in root.log_keys))
