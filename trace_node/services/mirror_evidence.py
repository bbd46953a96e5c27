"""Evidence files of the ledger's mirror: a chain put back too deep, a difference from the chain."""

from collections.abc import Sequence
from dataclasses import dataclass

from trace_node.canonical_json import JsonObject, JsonValue, encode
from trace_node.ports.ledger import BlockMark, LedgerIdentity
from trace_node.ports.ledger_mirror_head import MirrorHead

REORG_TYPE = "ledger-deep-reorg@1"
DIFFERENCE_TYPE = "ledger-difference@1"
MOST_LISTED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that mirror and contracts tell differently.

    Attributes:
        table: What kind of thing, such as ``lots``.
        key: Which one.
        field: Which part of it; empty for the whole.
        mirror: What the mirror says, as text.
        chain: What the contracts say, as text.
    """

    table: str
    key: str
    field: str
    mirror: str
    chain: str

    def to_json(self) -> JsonObject:
        """As it stands in the evidence."""
        return {
            "table": self.table,
            "key": self.key,
            "field": self.field,
            "mirror": self.mirror,
            "chain": self.chain,
        }


def reorg_evidence(
    identity: LedgerIdentity, head: MirrorHead, *, chain: BlockMark | None, detail: str
) -> bytes:
    """Both heads, for whoever has to find out which history is the true one."""
    content: JsonObject = {
        "type": REORG_TYPE,
        "ledger": identity_json(identity),
        "mirror": {
            "tip": mark_json(head.tip),
            "final": head.final,
            "settled": None if head.settled is None else mark_json(head.settled),
            "history": head.history.hex(),
            "events": {book.name.lower(): count for book, count in head.counts.items()},
        },
        "chain": {"head": None if chain is None else mark_json(chain), "detail": detail},
    }
    return encode(content)


def difference_evidence(
    identity: LedgerIdentity, at: BlockMark, differences: Sequence[Difference]
) -> bytes:
    """What differs at one block; of very many, the first are listed and all are counted."""
    listed: list[JsonValue] = [each.to_json() for each in differences[:MOST_LISTED]]
    content: JsonObject = {
        "type": DIFFERENCE_TYPE,
        "ledger": identity_json(identity),
        "block": mark_json(at),
        "found": len(differences),
        "differences": listed,
    }
    return encode(content)


def identity_json(identity: LedgerIdentity) -> JsonObject:
    """Which ledger on which chain."""
    return {
        "chain_id": identity.chain_id,
        "genesis_hash": "0x" + identity.genesis_hash.hex(),
        "contracts": {
            book.name.lower(): "0x" + address.hex() for book, address in identity.contracts.items()
        },
    }


def mark_json(mark: BlockMark) -> JsonObject:
    """A block of the chain."""
    return {"number": mark.number, "hash": "0x" + mark.block_hash.hex(), "time": mark.time}
