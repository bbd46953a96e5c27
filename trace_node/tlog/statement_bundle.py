"""The bundle ``statement-proof@v1``: records that people signed, with one proof for all.

Which statements they are is not looked at here (docs/spec/evidence-package.md).
"""

from dataclasses import dataclass
from typing import Final

from trace_node.canonical_json import decode_object
from trace_node.ids import to_base64url
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.anchor_evidence import anchor_to_json
from trace_node.tlog.bundle import hash_name_of, optional_anchor, record_bytes, refuse_reserved
from trace_node.tlog.bundle_errors import BundleFormatError
from trace_node.tlog.bundle_file import STATEMENT_PROOF, BundleFile, write_bundle_file
from trace_node.tlog.json_fields import Fields
from trace_node.tlog.period_bundle import LoggedRecord

MAX_LEAVES: Final = 50_000
_MAX_HASHES: Final = 4_000_000  # bounded by the file in any case
_MAX_CHECKPOINT: Final = 131_072
_RESERVED: Final = ("anchor_offline", "timestamps")
MEMBERS: Final = frozenset(
    {
        *("anchor", "anchor_offline", "checkpoint", "digest", "hash", "leaves", "proof"),
        *("timestamps", "type"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementBundle:
    """Statements of a log and what shows that they are in it (声明证明包).

    Attributes:
        hash_name: Hash of the log: ``sm3`` or ``sha256``.
        leaves: The statements, at least one, indexes ascending.
        proof: Batch proof of all leaves in the tree of the checkpoint.
        checkpoint: The signed note, verbatim.
        anchor: The anchoring of exactly this checkpoint; None when there was none yet.
    """

    hash_name: str
    leaves: tuple[LoggedRecord, ...]
    proof: tuple[bytes, ...]
    checkpoint: str
    anchor: Anchor | None


def format_statement_bundle(bundle: StatementBundle) -> bytes:
    """Write the file.

    Raises:
        TooLargeError: It would have more than 64 MiB.
        CanonicalFormError: A record is not in canonical form.
    """
    return write_bundle_file(
        {
            "anchor": None if bundle.anchor is None else anchor_to_json(bundle.anchor),
            "anchor_offline": None,
            "checkpoint": bundle.checkpoint,
            "hash": bundle.hash_name,
            "leaves": [
                {"index": each.index, "record": decode_object(each.body)} for each in bundle.leaves
            ],
            "proof": [to_base64url(each) for each in bundle.proof],
            "timestamps": None,
            "type": STATEMENT_PROOF,
        }
    )


def statement_bundle_from_file(file: BundleFile) -> StatementBundle:
    """Read the members of a ``statement-proof@v1``; the digest is not looked at here.

    Raises:
        BundleFormatError: A member is missing, not known, not of its form, or out of order.
    """
    fields = Fields(file.members, path="", members=MEMBERS, error=BundleFormatError)
    refuse_reserved(fields, names=_RESERVED)
    leaves = tuple(
        LoggedRecord(index=item.integer("index"), body=record_bytes(item.mapping("record")))
        for item in fields.objects("leaves", members={"index", "record"}, most=MAX_LEAVES)
    )
    indexes = [each.index for each in leaves]
    if not indexes or indexes != sorted(set(indexes)):
        raise BundleFormatError(
            "{field}: must be ascending, each index once, and at least one",
            field="leaves",
            code="bundle.order",
        )
    return StatementBundle(
        hash_name=hash_name_of(fields),
        leaves=leaves,
        proof=fields.digests("proof", most=_MAX_HASHES),
        checkpoint=fields.text("checkpoint", most=_MAX_CHECKPOINT),
        anchor=optional_anchor(fields),
    )
