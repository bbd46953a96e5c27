"""What a verifier brings along: the trust root, the time, and perhaps a chain to ask."""

from dataclasses import dataclass
from datetime import datetime

from trace_node.ports.chain import ChainReader, ExpectedRegistry
from trace_node.tlog.trust_root import (
    SignedTrustRoot,
    parse_trust_root,
    require_fingerprint,
    require_in_force,
    require_owner,
    require_successor,
)
from trace_node.tlog.trust_root_form import TrustedChain


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What a bundle is checked against (核对依据); nothing of it comes from the bundle.

    Attributes:
        trust_root: The file of the trust root.
        now: The verifier's clock.
        chain: The chain to ask; ``None`` offline.
        predecessor: The file of the trust root before, to check the succession; ``None`` if not.
        fingerprint: The fingerprint got from the owner, to be compared; ``None`` if not.
    """

    trust_root: bytes
    now: datetime
    chain: ChainReader | None = None
    predecessor: bytes | None = None
    fingerprint: str | None = None


def open_trust_root(against: Against) -> SignedTrustRoot:
    """Read the trust root and require it to be its owner's, in force and the one expected.

    Raises:
        TooLargeError: See ``parse_trust_root``.
        CanonicalFormError: See ``parse_trust_root``.
        TrustRootFormatError: See ``parse_trust_root``.
        TrustRootError: Signature, time, predecessor or fingerprint is wrong; each by its own code.
    """
    signed = parse_trust_root(against.trust_root)
    require_owner(signed)
    if against.fingerprint is not None:
        require_fingerprint(signed, expected=against.fingerprint)
    if against.predecessor is not None:
        predecessor = parse_trust_root(against.predecessor)
        require_owner(predecessor)
        require_successor(signed, predecessor=predecessor)
    require_in_force(signed.root, now=against.now)
    return signed


def expected_registry(chain: TrustedChain, *, log_id: bytes) -> ExpectedRegistry:
    """The chain facts of a trust root in the form in which a chain reader takes them."""
    return ExpectedRegistry(
        engine=chain.engine,
        chain_id=chain.chain_id,
        genesis_hash=chain.genesis_hash,
        contract=chain.registry,
        runtime_code_hash=chain.code_hash,
        log_id=log_id,
    )
