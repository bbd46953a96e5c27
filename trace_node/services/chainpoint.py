"""Export of an inclusion proof as a Chainpoint 2 receipt, for tools that read nothing else.

**Not a proof.** A receipt binds neither the size of the tree nor the leaf's index, and its format
does not separate leaves from inner hashes: tools that follow it accept an inner hash as a leaf. It
is made from a bundle and says so; only the bundle proves anything.
"""

from collections.abc import Sequence

from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.errors import InputError
from trace_node.tlog import tlog_proof
from trace_node.tlog.bundle import ProofBundle
from trace_node.tlog.hasher import by_name

CONTEXT = "https://w3id.org/chainpoint/v2"
NOTICE = (
    "This receipt is not a proof: it binds neither tree size nor index. Its hashes are "
    "H(0x00 || entry) for the leaf and H(0x01 || left || right) above it (RFC 9162). "
    "Verify the .tnproof file it was made from."
)


def chainpoint_receipt(bundle: ProofBundle) -> JsonObject:
    """Write the inclusion proof of a bundle as a receipt.

    Args:
        bundle: The bundle; verify it before.

    Raises:
        InputError: Its log proof is not of the form of one.
    """
    proof = tlog_proof.parse(bundle.log_proof.encode())
    stated = proof.stated_checkpoint
    if not proof.index < stated.size:
        raise InputError(
            "{field}: {index} is outside a tree of {size} leaves",
            field="index",
            index=proof.index,
            size=stated.size,
        )
    hasher = by_name(bundle.hash_name)
    anchors: list[JsonValue] = []
    if bundle.anchor is not None:
        source = bundle.anchor.transaction_hash.hex()
        anchors.append({"type": "ETHData", "sourceId": source})
    return {
        "@context": CONTEXT,
        "type": f"Chainpoint{hasher.name.upper()}v2",
        "targetHash": hasher.leaf(bundle.leaf).hex(),
        "merkleRoot": stated.root.hex(),
        "proof": _sides(proof.hashes, index=proof.index, size=stated.size),
        "anchors": anchors,
        "notice": NOTICE,
    }


def _sides(hashes: Sequence[bytes], *, index: int, size: int) -> list[JsonValue]:
    """On which side each sibling stands; see ``tlog.verify.root_of_inclusion``."""
    inner = (index ^ (size - 1)).bit_length()
    return [
        {"left" if level >= inner or index >> level & 1 else "right": sibling.hex()}
        for level, sibling in enumerate(hashes)
    ]
