"""Every way in which a single proof can be wrong, each with the check and the reason that say so.

Where not said otherwise the file's digest is computed again after the change: a forger would do so.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from support import bundles
from support.bundles import STRANGER, WITNESS, World, small_world, trust_root

from trace_node.canonical_json import JsonObject, JsonValue, encode
from trace_node.ids import OrganisationId, Origin, to_base64url
from trace_node.metering.records.context import SeenHead
from trace_node.tlog.bundle import ProofBundle, format_bundle
from trace_node.tlog.bundle_file import write_bundle_file
from trace_node.tlog.checkpoint import sign as sign_checkpoint
from trace_node.tlog.cosignature import sm2_cosigner
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note_keys import Sm2NoteSigner
from trace_node.tlog.tlog_proof import TlogProof
from trace_node.tlog.tlog_proof import parse as parse_log_proof
from trace_node.tlog.tree import MemoryTree
from trace_node.tlog.trust_root_form import LogKey

INDEX = 6  # third reading of the first delivery of ``small_world``
SHA256_ORIGIN = "trace-node.example/plant-a/sha256"


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One bundle that must be refused.

    Attributes:
        name: What is wrong; also the file name.
        file: The bundle.
        check: Name of the check that fails, the first that does.
        reason: The reason it gives.
        trust_root: The trust root to check it against.
        now: The verifier's clock.
        predecessor: The trust root before, if one is given.
    """

    name: str
    file: bytes
    check: str
    reason: str
    trust_root: bytes = field(default_factory=lambda: good_trust_root())  # noqa: PLW0108 (defined below)
    now: datetime = bundles.NOW
    predecessor: bytes | None = None


@cache
def world() -> World:
    """The log that the defects are made from; nobody may change it."""
    return small_world()


@cache
def good_trust_root() -> bytes:
    """The right trust root."""
    return trust_root().raw


@cache
def good_file() -> bytes:
    """The right bundle."""
    return world().bundle_file(INDEX)


def good_bundle() -> ProofBundle:
    """The right bundle before it is written."""
    return world().bundle(INDEX)


def changed(path: str, value: JsonValue | Callable[[JsonValue], JsonValue]) -> bytes:
    """The right file with one member changed and the digest computed again.

    Args:
        path: Names of members, parted by full stops.
        value: The new value, or a function from the old one.
    """
    members: JsonObject = json.loads(good_file())
    *parents, last = path.split(".")
    target = members
    for name in parents:
        target = target[name]
    target[last] = value(target[last]) if callable(value) else value
    members.pop("digest")
    return write_bundle_file(members)


def flip(text: JsonValue) -> JsonValue:
    """A base64url text of a digest with another first character."""
    assert isinstance(text, str)
    return ("A" if text[0] != "A" else "B") + text[1:]


def flip_hex(text: JsonValue) -> JsonValue:
    """0x and hex digits with another last digit."""
    assert isinstance(text, str)
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def with_log_proof(**changes: object) -> bytes:
    """The right file with another log proof."""
    proof = parse_log_proof(good_bundle().log_proof.encode())
    text = replace(proof, **changes).format().decode()
    return format_bundle(replace(good_bundle(), log_proof=text))


def form_defects() -> Iterator[Defect]:
    """What breaks the one form of the file."""

    def form(name: str, file: bytes, reason: str) -> Defect:
        return Defect(name=name, file=file, check="file.form", reason=reason)

    good = good_file()
    members = json.loads(good)
    without = {name: value for name, value in members.items() if name != "context"}
    yield form("trailing-bytes", good + b"\n", "input.canonical")
    yield form(
        "repeated-key",
        good.replace(b'"hash":"sm3",', b'"hash":"sm3","hash":"sm3",'),
        "input.canonical.repeated_key",
    )
    yield form("white-space", good.replace(b'{"anchor":', b'{ "anchor":'), "input.canonical")
    yield form(
        "other-key-order",
        b'{"type":"carbon-proof@v1",' + good[1:].replace(b',"type":"carbon-proof@v1"', b""),
        "input.canonical",
    )
    yield form("float", good.replace(b'"leaf_index":6', b'"leaf_index":6.0'), "input.canonical")
    yield form("not-json", b"\x89PNG\r\n\x1a\n", "input.canonical")
    yield form("empty", b"", "input.canonical")
    yield form(
        "unknown-version", changed("type", "carbon-proof@v1")[:-3] + b'2"}', "bundle.version"
    )
    yield form("no-version", encode({"digest": members["digest"]}), "bundle.version")
    yield form("missing-member", write_bundle_file(without), "bundle.form")
    yield form("extra-member", write_bundle_file({**members, "note": "x"}), "bundle.form")
    yield form("too-large", good[:-1] + b" " * 65_536 + b"}", "bundle.too_large")
    yield form("padded-base64", changed("leaf", lambda text: f"{text}=="), "bundle.form")
    yield form("leaf-index-text", changed("leaf_index", "6"), "bundle.form")
    yield form("hash-unknown", changed("hash", "md5"), "bundle.hash_name")
    yield form("timestamps-not-null", changed("timestamps", []), "bundle.timestamps")
    yield form("anchor-offline-not-null", changed("anchor_offline", {}), "bundle.anchor_offline")
    yield form("log-proof-extra", with_log_proof(extra=b"x"), "bundle.log_proof_extra")
    yield form(
        "log-proof-version",
        changed("log_proof", lambda text: text.replace("@v1", "@v2", 1)),
        "tlog.tlog_proof.version",
    )
    yield form(
        "delivery-path-too-long",
        changed("delivery.path", [to_base64url(bytes(32))] * 13),
        "bundle.form",
    )


def digest_defects() -> Iterator[Defect]:
    """What the digest of the file shows before anything else."""
    good = good_file()
    stated = json.loads(good)["digest"]
    other = flip(stated).encode()
    for name, file in {
        "digest-of-another-file": good.replace(stated.encode(), other),
        "block-time-changed": good.replace(b'"block_time":1', b'"block_time":2'),
    }.items():
        yield Defect(name=name, file=file, check="file.digest", reason="bundle.digest")


def trust_root_defects() -> Iterator[Defect]:
    """What is wrong with the trust root and not with the bundle."""

    def root(name: str, reason: str, raw: bytes, **more: object) -> Defect:
        return Defect(
            name=name, file=good_file(), check="trust_root", reason=reason, trust_root=raw, **more
        )

    good = good_trust_root()
    yield root(
        "trust-root-unsigned-change",
        "trust_root.signature",
        good.replace(b'"Example consortium"', b'"Exemplary consortium"'),
    )
    yield root(
        "trust-root-expired", "trust_root.expired", good, now=bundles.START + timedelta(days=700)
    )
    yield root(
        "trust-root-not-yet-valid",
        "trust_root.not_yet_valid",
        good,
        now=bundles.START - timedelta(days=11),
    )
    predecessor = trust_root(witness_policy=bundles.witness_policy())
    yield root(
        "trust-root-wrong-predecessor",
        "trust_root.predecessor",
        trust_root(version=2, predecessor=trust_root().digest).raw,
        predecessor=predecessor.raw,
    )
    yield root(
        "trust-root-unknown-version",
        "trust_root.version",
        good.replace(b'"trust-root@v1"', b'"trust-root@v9"'),
    )


def checkpoint_defects() -> Iterator[Defect]:
    """What is wrong with the checkpoint or who signed it."""
    good = good_bundle()
    proof = parse_log_proof(good.log_proof.encode())

    def note_by(
        signer: bundles.FixedKey, *, origin: str = bundles.ORIGIN, **changes: object
    ) -> bytes:
        statement = replace(proof.stated_checkpoint, origin=Origin(origin), **changes)
        return sign_checkpoint(
            statement, signers=[Sm2NoteSigner(name=origin, signer=signer)]
        ).format()

    def swapped(old: bytes, new: bytes) -> bytes:
        return with_log_proof(checkpoint=proof.checkpoint.replace(old, new, 1))

    root = proof.checkpoint.split(b"\n")[2]
    yield Defect(
        name="hash-of-another-log",
        file=changed("hash", "sha256"),
        check="checkpoint.origin",
        reason="checkpoint.hash",
    )
    yield Defect(
        name="origin-of-another-log",
        file=with_log_proof(checkpoint=note_by(bundles.LOG_KEY, origin=SHA256_ORIGIN)),
        check="checkpoint.origin",
        reason="checkpoint.origin",
    )
    yield Defect(
        name="checkpoint-size-changed",
        file=swapped(b"\n10\n", b"\n11\n"),
        check="checkpoint.signature",
        reason="tlog.note.signature",
    )
    yield Defect(
        name="checkpoint-root-changed",
        file=swapped(root, flip(root.decode()).encode()),
        check="checkpoint.signature",
        reason="tlog.note.signature",
    )
    yield Defect(
        name="checkpoint-by-a-stranger",
        file=with_log_proof(checkpoint=note_by(STRANGER)),
        check="checkpoint.signature",
        reason="tlog.note.unknown_keys",
    )
    vkey = Sm2NoteSigner(name=bundles.ORIGIN, signer=bundles.LOG_KEY).vkey
    retired = trust_root(log_keys=(LogKey(vkey=vkey, from_size=0, to_size=9),))
    yield Defect(
        name="log-key-outside-its-sizes",
        file=good_file(),
        trust_root=retired.raw,
        check="checkpoint.signature",
        reason="checkpoint.key_range",
    )
    watched = trust_root(witness_policy=bundles.witness_policy())
    yield Defect(
        name="witness-missing",
        file=good_file(),
        trust_root=watched.raw,
        check="checkpoint.witnesses",
        reason="tlog.quorum",
    )
    forged = sm2_cosigner(name=bundles.witness().key.name, signer=WITNESS).cosign(
        proof.note.text.replace("\n10\n", "\n12\n"), time=1_795_222_900
    )
    yield Defect(
        name="witness-of-another-checkpoint",
        file=with_log_proof(checkpoint=proof.note.with_signatures([forged]).format()),
        trust_root=watched.raw,
        check="checkpoint.witnesses",
        reason="tlog.note.signature",
    )


def inclusion_defects() -> Iterator[Defect]:
    """What is wrong with the leaf's place in the log."""
    good = good_bundle()
    proof = parse_log_proof(good.log_proof.encode())
    log = world()

    def inclusion(name: str, file: bytes, reason: str = "tlog.proof.root") -> Defect:
        return Defect(name=name, file=file, check="inclusion", reason=reason)

    altered = good.leaf.replace(b'"value":"105.0"', b'"value":"104.0"')
    assert altered != good.leaf
    yield inclusion("value-changed", format_bundle(replace(good, leaf=altered)))
    yield inclusion(
        "leaf-of-another-reading", format_bundle(replace(good, leaf=log.entries[INDEX + 1]))
    )
    yield inclusion("leaf-index-changed", changed("leaf_index", 7), "inclusion.index")
    moved = with_log_proof(index=7)
    members = json.loads(moved)
    members.pop("digest")
    yield inclusion("both-indexes-changed", write_bundle_file({**members, "leaf_index": 7}))
    yield inclusion(
        "index-beyond-the-log",
        write_bundle_file({**json.loads(with_log_proof(index=10)), "leaf_index": 10}),
        "tlog.proof.range",
    )
    swapped = (proof.hashes[1], proof.hashes[0], *proof.hashes[2:])
    yield inclusion("proof-hashes-swapped", with_log_proof(hashes=swapped))
    yield inclusion(
        "proof-hash-missing", with_log_proof(hashes=proof.hashes[:-1]), "tlog.proof.length"
    )
    yield inclusion(
        "proof-hash-added", with_log_proof(hashes=(*proof.hashes, bytes(32))), "tlog.proof.length"
    )
    yield inclusion("root-from-outside-the-checkpoint", _foreign_root(good, proof))
    # An inner node passed off as a leaf: what tools without domain separation accept.
    left, right = SM3.leaf(log.entries[INDEX]), SM3.leaf(log.entries[INDEX + 1])
    yield inclusion(
        "inner-node-as-leaf",
        format_bundle(
            replace(
                good,
                leaf=left + right,
                leaf_index=3,
                log_proof=replace(proof, index=3, hashes=proof.hashes[1:]).format().decode(),
            )
        ),
        "tlog.proof.length",
    )


def _foreign_root(good: ProofBundle, proof: TlogProof) -> bytes:
    """A proof that leads to the root of a tree of the forger's own, under the right checkpoint."""
    log = world()
    altered = good.leaf.replace(b'"value":"105.0"', b'"value":"104.0"')
    entries = [*log.entries[:INDEX], altered, *log.entries[INDEX + 1 : 10]]
    tree = MemoryTree(hasher=SM3, leaf_hashes=[SM3.leaf(entry) for entry in entries])
    hashes = tuple(tree.inclusion(index=INDEX))
    text = replace(proof, hashes=hashes).format().decode()
    return format_bundle(replace(good, leaf=altered, log_proof=text))


def collector_defects() -> Iterator[Defect]:
    """What is wrong with the registration of the collector's key."""
    good, log = good_bundle(), World()

    def collector(name: str, raw: bytes, reason: str, check: str = "collector") -> Defect:
        file = format_bundle(replace(good, collector=raw))
        return Defect(name=name, file=file, check=check, reason=reason)

    yield collector("collector-not-enrolled", log.enrol_key(signer=STRANGER), "collector.authority")
    yield collector(
        "collector-organisation-changed",
        good.collector.replace(b'"example-steel"', b'"exemplar-steel"'),
        "integrity.signature.mismatch",
    )
    yield collector(
        "collector-of-another-log", log.enrol_key(origin=Origin(SHA256_ORIGIN)), "collector.log"
    )
    yield collector("collector-key-for-another-use", log.enrol_key(usage="node"), "collector.usage")
    yield collector(
        "collector-key-expired",
        log.enrol_key(valid_to=bundles.START),
        "collector.expired",
        "record",
    )
    yield collector(
        "collector-key-not-yet-valid",
        log.enrol_key(valid_from=bundles.START + timedelta(days=1)),
        "collector.not_yet_valid",
        "record",
    )
    yield collector("collector-registration-is-no-registration", good.context, "record.version")
    yield collector(
        "delivery-by-another-collector",
        log.enrol_key(key=STRANGER.public),
        "delivery.collector",
        "delivery.signature",
    )


def delivery_defects() -> Iterator[Defect]:
    """What is wrong with the delivery or the leaf's place in it."""
    good, log = good_bundle(), world()

    def delivery(name: str, check: str, reason: str, **changes: object) -> Defect:
        file = format_bundle(replace(good, delivery=replace(good.delivery, **changes)))
        return Defect(name=name, file=file, check=check, reason=reason)

    record = good.delivery.record
    yield delivery(
        "delivery-count-changed",
        "delivery.signature",
        "integrity.signature.mismatch",
        record=record.replace(b'"count":4', b'"count":5'),
    )
    yield delivery(
        "delivery-swapped",
        "delivery.inclusion",
        "tlog.proof.length",
        record=log.deliveries[1].record,
    )
    twin = World()
    twin.new_context()
    twin.context = good.context
    same_count = twin.deliver(log.deliveries[1].bodies[:4], at=bundles.START)
    yield delivery(
        "delivery-swapped-same-count",
        "delivery.inclusion",
        "tlog.proof.root",
        record=same_count.record,
    )
    yield delivery("delivery-index-changed", "delivery.inclusion", "tlog.proof.root", index=3)
    yield delivery("delivery-index-beyond-count", "delivery.inclusion", "tlog.proof.range", index=4)
    path = good.delivery.path
    yield delivery(
        "delivery-path-changed", "delivery.inclusion", "tlog.proof.root", path=(path[1], path[0])
    )
    foreign = World(origin=Origin(SHA256_ORIGIN))
    foreign.context = good.context
    made = foreign.deliver(log.deliveries[0].bodies, at=bundles.START)
    yield delivery(
        "delivery-for-another-log", "delivery.signature", "delivery.log", record=made.record
    )


def context_defects() -> Iterator[Defect]:
    """What is wrong with the context, and records that a dishonest collector could deliver."""
    good = good_bundle()
    yield Defect(
        name="context-changed",
        file=format_bundle(
            replace(
                good, context=good.context.replace(b'"trace-node 0.1.0"', b'"trace-node 0.1.1"')
            )
        ),
        check="context",
        reason="context.digest",
    )

    def delivered(
        name: str, prepare: Callable[[World], list[bytes]], check: str, reason: str
    ) -> Defect:
        log = World()
        made = log.deliver(prepare(log), at=bundles.START)
        log.seal(at=bundles.START)
        log.anchor(at=bundles.START)
        return Defect(name=name, file=log.bundle_file(made.indexes[0]), check=check, reason=reason)

    def context_with(**changes: object) -> Callable[[World], list[bytes]]:
        def prepare(log: World) -> list[bytes]:
            log.new_context(**changes)
            return [log.reading(bundles.START)]

        return prepare

    def reading_with(**changes: object) -> Callable[[World], list[bytes]]:
        return lambda log: [log.reading(bundles.START, **changes)]

    yield delivered(
        "context-of-another-collector",
        context_with(collector=STRANGER.public.key_id),
        "context",
        "context.collector",
    )
    yield delivered(
        "context-of-another-organisation",
        context_with(organisation=OrganisationId("another")),
        "context",
        "context.organisation",
    )
    head = SeenHead(origin=bundles.ORIGIN, size=1000, root=bytes(32))
    yield delivered("context-saw-a-later-head", context_with(head=head), "context", "context.head")
    yield delivered(
        "leaf-names-another-context", reading_with(context=bytes(32)), "context", "context.leaf"
    )
    yield delivered("leaf-of-another-boot", reading_with(boot=bytes(16)), "context", "context.boot")
    yield delivered(
        "leaf-of-an-unknown-version",
        lambda log: [log.reading(bundles.START).replace(b"reading@1", b"reading@9")],
        "record",
        "record.version",
    )
    yield delivered(
        "leaf-not-canonical",
        lambda log: [log.reading(bundles.START) + b" "],
        "record",
        "input.canonical",
    )
    yield delivered("leaf-is-no-record", lambda _: [b"opaque"], "record", "input.canonical")


def anchor_defects() -> Iterator[Defect]:
    """What does not fit between anchor, checkpoint and trust root."""

    def anchor(name: str, file: bytes, reason: str) -> Defect:
        return Defect(name=name, file=file, check="anchor.binding", reason=reason)

    yield anchor("anchor-on-another-engine", changed("anchor.engine", "besu"), "anchor.engine")
    yield anchor("anchor-on-another-chain-id", changed("anchor.chain_id", 1), "anchor.chain_id")
    for member in ("genesis_hash", "contract", "log_id"):
        yield anchor(
            f"anchor-with-another-{member.replace('_', '-')}",
            changed(f"anchor.{member}", flip_hex),
            f"anchor.{member}",
        )
    good, log = good_bundle(), world()
    yield anchor(
        "anchor-of-a-later-size", format_bundle(replace(good, anchor=log.anchors[1])), "anchor.size"
    )
    yield anchor("anchor-with-another-root", changed("anchor.head.root", flip), "anchor.root")
    yield anchor(
        "anchor-that-does-not-grow", changed("anchor.previous.size", 10), "anchor.previous"
    )


@cache
def all_defects() -> tuple[Defect, ...]:
    """All of them, in the order of the checks."""
    families = (
        form_defects,
        digest_defects,
        trust_root_defects,
        checkpoint_defects,
        inclusion_defects,
        collector_defects,
        delivery_defects,
        context_defects,
        anchor_defects,
    )
    return tuple(defect for family in families for defect in family())


VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "bundle"
