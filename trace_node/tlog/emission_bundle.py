"""The emission bundle ``emission-proof@v1``: a figure with all it is computed from.

The emission record and every leaf that it names, one proof for them, the method in full, the rows
of the factor library, the result, one checkpoint and one anchor (docs/spec/emission.md). Method,
rows and result are not opened here: their digests stand in the record.
"""

from dataclasses import dataclass
from typing import Final

from trace_node.canonical_json import JsonObject, decode_object
from trace_node.ids import to_base64url
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.anchor_evidence import anchor_to_json
from trace_node.tlog.bundle import hash_name_of, optional_anchor, record_bytes, refuse_reserved
from trace_node.tlog.bundle_errors import BundleFormatError
from trace_node.tlog.bundle_file import EMISSION_PROOF, BundleFile, write_bundle_file
from trace_node.tlog.json_fields import Fields
from trace_node.tlog.period_bundle import LoggedRecord

MAX_LEAVES: Final = 150_000  # as many readings as the bound of the file leaves room for
MAX_ROWS: Final = 4_096
_MAX_HASHES: Final = 4_000_000  # bounded by the file in any case
_MAX_CHECKPOINT: Final = 131_072
_RESERVED: Final = ("anchor_offline", "timestamps")
MEMBERS: Final = frozenset(
    {
        *("anchor", "anchor_offline", "checkpoint", "digest", "emission", "factors", "hash"),
        *("leaves", "method", "proof", "result", "timestamps", "type"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionBundle:
    """Everything needed to compute a figure again, but for the trust root (排放证明包).

    Attributes:
        hash_name: Hash of the log: ``sm3`` or ``sha256``.
        emission: Leaf index of the emission record.
        leaves: The record and every leaf it names, indexes ascending.
        method: The definition of the method.
        factors: The rows it used, as canonical JSON.
        result: The canonical result.
        proof: Batch proof of all leaves in the tree of the checkpoint.
        checkpoint: The signed note, verbatim.
        anchor: The anchoring of exactly this checkpoint; None when there was none yet.
    """

    hash_name: str
    emission: int
    leaves: tuple[LoggedRecord, ...]
    method: JsonObject
    factors: tuple[bytes, ...]
    result: bytes
    proof: tuple[bytes, ...]
    checkpoint: str
    anchor: Anchor | None


def format_emission_bundle(bundle: EmissionBundle) -> bytes:
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
            "emission": bundle.emission,
            "factors": [decode_object(raw) for raw in bundle.factors],
            "hash": bundle.hash_name,
            "leaves": [
                {"index": each.index, "record": decode_object(each.body)} for each in bundle.leaves
            ],
            "method": bundle.method,
            "proof": [to_base64url(each) for each in bundle.proof],
            "result": decode_object(bundle.result, max_bytes=len(bundle.result)),
            "timestamps": None,
            "type": EMISSION_PROOF,
        }
    )


def emission_bundle_from_file(file: BundleFile) -> EmissionBundle:
    """Read the members of an ``emission-proof@v1``; the digest is not looked at here.

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
    if indexes != sorted(set(indexes)):
        raise BundleFormatError(
            "{field}: must be ascending, each index once", field="leaves", code="bundle.order"
        )
    return EmissionBundle(
        hash_name=hash_name_of(fields),
        emission=fields.integer("emission"),
        leaves=leaves,
        method=fields.mapping("method"),
        factors=fields.records("factors", most=MAX_ROWS),
        result=record_bytes(fields.mapping("result")),
        proof=fields.digests("proof", most=_MAX_HASHES),
        checkpoint=fields.text("checkpoint", most=_MAX_CHECKPOINT),
        anchor=optional_anchor(fields),
    )
