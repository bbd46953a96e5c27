"""The proof bundle ``carbon-proof@v1``: one file that proves one leaf (docs/spec/bundle.md).

It carries exact bytes and proofs; what they are worth is decided by ``services.verify`` against a
trust root that comes from elsewhere. Nothing in a bundle is believed because the bundle says it.
"""

from dataclasses import dataclass

from trace_node.canonical_json import JsonObject, decode_object, encode_trusted
from trace_node.ids import to_base64url
from trace_node.tlog.anchor import Anchor
from trace_node.tlog.anchor_evidence import anchor_from_json, anchor_to_json
from trace_node.tlog.bundle_errors import BundleFormatError
from trace_node.tlog.bundle_file import CARBON_PROOF, BundleFile, write_bundle_file
from trace_node.tlog.json_fields import Fields

MAX_LEAF_BYTES = 65_535  # C2SP tlog-tiles: an entry's length is a 16-bit number
MAX_DELIVERY_COUNT = 4096
MAX_PATH = 12  # levels of a tree of 4,096 leaves
MAX_LOG_PROOF = 60_000  # 64 hashes and some 50 signature lines; the file is bounded besides

BUNDLE_MEMBERS = frozenset(
    {
        *("anchor", "anchor_offline", "collector", "context", "delivery", "digest", "hash"),
        *("leaf", "leaf_index", "log_proof", "timestamps", "type"),
    }
)
_DELIVERY_MEMBERS = frozenset({"index", "path", "record"})
_RESERVED = ("anchor_offline", "timestamps")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvidence:
    """The delivery that brought the leaf, and the leaf's place in it.

    Attributes:
        record: Exact bytes of the ``delivery`` record.
        index: Place of the leaf in the delivery, from 0.
        path: Inclusion proof under the root that the delivery signs; at most 12 hashes.
    """

    record: bytes
    index: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofBundle:
    """Everything needed to check one leaf, but for the trust root (证明包).

    Attributes:
        hash_name: Hash of the log: ``sm3`` or ``sha256``.
        leaf: Exact bytes of the entry.
        leaf_index: Its index in the log.
        context: Exact bytes of the ``context`` record it names.
        delivery: The signed delivery it came in.
        collector: Exact bytes of the ``key-registration`` record of the collector.
        log_proof: C2SP tlog-proof with the checkpoint, verbatim.
        anchor: The anchoring of exactly that checkpoint; ``None`` when there was none yet.
    """

    hash_name: str
    leaf: bytes
    leaf_index: int
    context: bytes
    delivery: DeliveryEvidence
    collector: bytes
    log_proof: str
    anchor: Anchor | None


def format_bundle(bundle: ProofBundle) -> bytes:
    """Write the file.

    Raises:
        TooLargeError: It would have more than 65,536 bytes.
        CanonicalFormError: A record is not in canonical form.
    """
    return write_bundle_file(
        {
            "anchor": None if bundle.anchor is None else anchor_to_json(bundle.anchor),
            "anchor_offline": None,
            "collector": decode_object(bundle.collector),
            "context": decode_object(bundle.context),
            "delivery": {
                "index": bundle.delivery.index,
                "path": [to_base64url(sibling) for sibling in bundle.delivery.path],
                "record": decode_object(bundle.delivery.record),
            },
            "hash": bundle.hash_name,
            "leaf": to_base64url(bundle.leaf),
            "leaf_index": bundle.leaf_index,
            "log_proof": bundle.log_proof,
            "timestamps": None,
            "type": CARBON_PROOF,
        }
    )


def bundle_from_file(file: BundleFile) -> ProofBundle:
    """Read the members of a ``carbon-proof@v1``; the digest is not looked at here.

    Raises:
        BundleFormatError: A member is missing, not known, or not of its form.
    """
    fields = Fields(file.members, path="", members=BUNDLE_MEMBERS, error=BundleFormatError)
    refuse_reserved(fields, names=_RESERVED)
    return ProofBundle(
        hash_name=hash_name_of(fields),
        leaf=fields.raw("leaf", size=None, most=MAX_LEAF_BYTES),
        leaf_index=fields.integer("leaf_index"),
        context=record_bytes(fields.mapping("context")),
        delivery=_delivery_from(fields.inner("delivery", members=_DELIVERY_MEMBERS)),
        collector=record_bytes(fields.mapping("collector")),
        log_proof=fields.text("log_proof", most=MAX_LOG_PROOF),
        anchor=optional_anchor(fields),
    )


def optional_anchor(fields: Fields) -> Anchor | None:
    """Read the member ``anchor``, an anchor or null.

    Raises:
        BundleFormatError: It is neither.
    """
    if fields.is_null("anchor"):
        return None
    return anchor_from_json(fields.value("anchor"), path="anchor", error=BundleFormatError)


def refuse_reserved(fields: Fields, *, names: tuple[str, ...]) -> None:
    """Require members that are reserved in version 1 to be null.

    Evidence that nobody checks must not travel in a file that says "proof".

    Raises:
        BundleFormatError: One is not null.
    """
    for name in names:
        if not fields.is_null(name):
            raise BundleFormatError(
                "{field}: must be null in this version",
                field=name,
                remedy="use a trace-node that knows what it holds",
                code=f"bundle.{name}",
            )


def hash_name_of(fields: Fields) -> str:
    """Read the member ``hash``.

    Raises:
        BundleFormatError: It is neither ``sm3`` nor ``sha256``.
    """
    name = fields.text("hash", most=16)
    if name not in ("sm3", "sha256"):
        raise BundleFormatError(
            "{field}: must be sm3 or sha256", field="hash", code="bundle.hash_name"
        )
    return name


def record_bytes(record: JsonObject) -> bytes:
    """The exact bytes of a record that stands as an object in a canonical file.

    A canonical value has one byte form, so this is what was hashed and signed.
    """
    return encode_trusted(record)


def _delivery_from(fields: Fields) -> DeliveryEvidence:
    return DeliveryEvidence(
        record=record_bytes(fields.mapping("record")),
        index=fields.integer("index", most=MAX_DELIVERY_COUNT - 1),
        path=fields.digests("path", most=MAX_PATH),
    )
