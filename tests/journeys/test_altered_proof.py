"""A real node's proof, altered: any byte is noticed, and each field that is vouched for by its own check.

Shows S3-7.3-2: whoever alters data is found out, whatever he recomputes.
"""

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.chainpoint_oracle import accepts
from support.command import command
from support.wired import DEVICE, started_home, up

from chain.light import LightChain
from trace_node.services.verify import Report, verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog.bundle_file import write_bundle_file
from trace_node.tlog.verdict import Anchored, Status

# Which check finds that a member was changed, by the beginning of its path; the longest counts.
FOUND_BY = {
    "anchor": "anchor.binding",
    "anchor.block_hash": "anchor.live",
    "anchor.block_number": "anchor.live",
    "anchor.block_time": "anchor.live",
    "anchor.previous": "anchor.live",
    "anchor.transaction_hash": "anchor.live",
    "collector": "collector",
    "context": "context",
    "delivery.index": "delivery.inclusion",
    "delivery.path": "delivery.inclusion",
    "delivery.record": "delivery.signature",
    "hash": "checkpoint.origin",
    "leaf": "inclusion",
    "leaf_index": "inclusion",
    "log_proof.index": "inclusion",
    "log_proof.path": "inclusion",
    "log_proof.origin": "checkpoint.origin",
    "log_proof.root": "checkpoint.signature",
    "log_proof.size": "checkpoint.signature",
    "log_proof.signature": "checkpoint.signature",
}
ONLY_THE_CHAIN = {path for path, check in FOUND_BY.items() if check == "anchor.live"}
# Words of a closed list: another word of the list, as a forger would choose.
OTHER_WORD = {"sm3": "sha256", "embedded": "anvil", "collector": "node", "SM2-SM3": "SM2-SM4"}

Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A bundle of a running node, and what a stranger holds against it."""

    file: bytes
    trust_root: bytes
    chain: LightChain

    def verify(self, raw: bytes, *, live: bool) -> Report:
        """What a stranger finds."""
        chain = self.chain if live else None
        against = Against(trust_root=self.trust_root, now=datetime.now(UTC), chain=chain)
        return verify_file(raw, against=against)


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proof]:
    """The proof of a reading in the midst of a log, by a node that runs while it is checked."""
    home = started_home(tmp_path_factory.mktemp("altered") / "home")
    with up(home) as here:
        here.deliver(7)
        index = here.deliver(6).first_index + 3
        here.wait_final(index + 1)
        here.deliver(9)
        path = home / "reading.tnproof"
        done = command("prove", index, "--home", home, "--out", path)
        assert done.code == 0, done
        chain = LightChain(here.node.chain.url)
        root = (home / "trust-root.json").read_bytes()
        yield Proof(file=path.read_bytes(), trust_root=root, chain=chain)
        chain.close()


def test_the_proof_as_it_is_passes(proof: Proof) -> None:
    live, offline = (proof.verify(proof.file, live=live).verdict for live in (True, False))
    assert (live.signed, live.anchored, live.exit_code) == (Status.PASSED, Anchored.LIVE_CHAIN, 0)
    assert (offline.signed, offline.exit_code) == (Status.PASSED, 3)


def test_any_changed_byte_is_found_by_form_or_digest(proof: Proof) -> None:
    raw = bytearray(proof.file)
    for place, byte in enumerate(proof.file):
        raw[place] = random.choice([other for other in range(256) if other != byte])
        verdict = proof.verify(bytes(raw), live=False).verdict
        assert verdict.exit_code == 1, place
        assert verdict.first_failure.kind.name in {"file.form", "file.digest"}, place
        raw[place] = byte


def test_each_field_that_is_vouched_for_fails_its_own_check(proof: Proof) -> None:
    fields = opened(proof.file)
    found = {}
    for place in places(fields):
        raw = closed(changed(fields, place))
        path = dotted(place)
        found[path] = require_found(proof, raw, path)
    assert set(FOUND_BY.values()) == {*found.values()}
    assert len(found) > 60


def require_found(proof: Proof, raw: bytes, path: str) -> str:
    """Require that the check in charge of a member fails, and give its name."""
    longest = max((start for start in FOUND_BY if path.startswith(start)), key=len)
    expected = FOUND_BY[longest]
    live, offline = (proof.verify(raw, live=live).verdict for live in (True, False))
    failed = {check.kind.name for check in live.checks if check.status is Status.FAILED}
    assert live.exit_code == 1, path
    assert expected in failed, (path, failed)
    assert not failed & {"file.form", "file.digest", "trust_root"}, path
    assert offline.exit_code == (3 if longest in ONLY_THE_CHAIN else 1), path
    return expected


def opened(raw: bytes) -> dict:
    """The members of a bundle, with its leaf and its log proof opened as well."""
    fields = json.loads(raw)
    fields.pop("digest")
    fields["leaf"] = json.loads(base64.urlsafe_b64decode(fields["leaf"] + "=="))
    head, note = fields["log_proof"].split("\n\n", 1)
    version, index, *path = head.split("\n")
    assert version == "c2sp.org/tlog-proof@v1"
    origin, size, root, _, signature, end = note.split("\n")
    assert end == ""
    fields["log_proof"] = {
        "index": int(index.removeprefix("index ")),
        "path": path,
        "origin": origin,
        "size": int(size),
        "root": root,
        "signature": signature,
    }
    return fields


def closed(fields: dict) -> bytes:
    """The file of these members, with its digest made anew."""
    leaf = json.dumps(fields["leaf"], separators=(",", ":"), sort_keys=True).encode()
    proof = fields["log_proof"]
    head = ["c2sp.org/tlog-proof@v1", f"index {proof['index']}", *proof["path"]]
    note = [proof["origin"], str(proof["size"]), proof["root"], "", proof["signature"], ""]
    again = {
        "leaf": base64.urlsafe_b64encode(leaf).rstrip(b"=").decode(),
        "log_proof": "\n".join(head) + "\n\n" + "\n".join(note),
    }
    return write_bundle_file(fields | again)


def places(value: object, place: Place = ()) -> Iterator[Place]:
    """Where the plain values are, but for what is null and the type of the file."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from places(member, (*place, name))
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from places(member, (*place, number))
    elif value is not None and place != ("type",):
        yield place


def changed(fields: dict, place: Place) -> dict:
    """A copy with another value of the same kind in one place."""
    copy = json.loads(json.dumps(fields))
    *parents, last = place
    parent = copy
    for name in parents:
        parent = parent[name]
    parent[last] = another(parent[last])
    return copy


def another(value: str | int) -> str | int:
    """Another value of the same form; of numbers a lesser one, for a chain may not be so far yet."""
    if isinstance(value, int):
        return value - 1 if value else 1
    if value in OTHER_WORD:
        return OTHER_WORD[value]
    place = next(i for i in range(len(value) // 2, len(value)) if value[i].isalnum())
    other = "1" if value[place].isdigit() else "b"
    if value[place] == other:
        other = "2" if value[place].isdigit() else "c"
    return value[:place] + other + value[place + 1 :]


def dotted(place: Place) -> str:
    """A path as text."""
    return ".".join(map(str, place))


def test_merkletools_accepts_what_is_exported_of_it(proof: Proof, tmp_path: Path) -> None:
    bundle, out = tmp_path / "reading.tnproof", tmp_path / "receipt.json"
    bundle.write_bytes(proof.file)
    done = command("export", bundle, "--format", "chainpoint", "--out", out)
    assert done.code == 0, done
    receipt = json.loads(out.read_bytes())
    fields = opened(proof.file)
    root = base64.b64decode(fields["log_proof"]["root"]).hex()
    assert receipt["merkleRoot"] == root
    assert accepts(receipt)
    assert not accepts(receipt, target=root)


def test_the_fields_can_be_opened_and_closed(proof: Proof) -> None:
    fields = opened(proof.file)
    assert closed(fields) == proof.file
    assert fields["leaf"]["device"] == DEVICE
