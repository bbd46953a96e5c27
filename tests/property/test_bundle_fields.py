"""Each authenticated field, altered and the digest computed again, fails a check of its own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import bundles
from support.bundle_defects import good_file, good_trust_root, world
from support.bundle_reader import WorldReader
from support.bundles import START, STEP, FakeChain, period_world

from trace_node.errors import InputError, IntegrityError
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog.bundle_file import read_bundle_file, write_bundle_file
from trace_node.tlog.verdict import Status, Verdict

Path = tuple[str | int, ...]

# docs/spec/bundle.md: what only the chain can refute
LIVE_ONLY = {
    ("anchor", "block_hash"),
    ("anchor", "block_number"),
    ("anchor", "block_time"),
    ("anchor", "previous", "root"),
    ("anchor", "previous", "size"),
    ("anchor", "transaction_hash"),
}
# docs/spec/period-bundle.md: claims, and the bounds of what is looked at
CLAIMS = {("from",), ("scope", "kind"), ("scope", "name"), ("to",)}
CHECK_OF = {
    "anchor": {"anchor.binding", "anchor.live", "file.form"},
    "collector": {"collector", "file.form"},
    "context": {"context"},
    "delivery": {"delivery.signature", "delivery.inclusion", "file.form"},
    "hash": {"checkpoint.origin", "file.form"},
    "leaf": {"inclusion", "file.form"},
    "leaf_index": {"inclusion"},
    "log_proof": {"file.form", "checkpoint.origin", "checkpoint.signature", "inclusion"},
    "anchor_offline": {"file.form"},
    "timestamps": {"file.form"},
    "type": {"file.form"},
}


def _scalars(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for name in sorted(value):
            yield from _scalars(value[name], (*path, name))
    elif isinstance(value, list) and value:
        for place, item in enumerate(value):
            yield from _scalars(item, (*path, place))
    else:
        yield path


def _others(value: Any) -> list[Any]:
    """Values of the same kind that are other values."""
    if value is None:
        return [1, "x"]
    if isinstance(value, int):
        return [value + 1, 0 if value else 2]
    if isinstance(value, list):
        return [["A" * 43]]
    middle = len(value) // 2
    return [
        value[:middle] + ("B" if value[middle : middle + 1] == "A" else "A") + value[middle + 1 :],
        value[:-1],
    ]


def _altered(raw: bytes, path: Path, other: Any) -> bytes:
    members = json.loads(raw)
    target = members
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = other
    members.pop("digest", None)
    kind = members["type"]
    if kind not in ("carbon-proof@v1", "period-proof@v1"):
        members["type"] = "carbon-proof@v1"
        return write_bundle_file(members).replace(b'"carbon-proof@v1"}', f'"{kind}"}}'.encode())
    return write_bundle_file(members)


def _at(members: Any, path: Path) -> Any:
    for step in path:
        members = members[step]
    return members


def _verdict(raw: bytes, *, chain: object = None) -> Verdict:
    against = Against(trust_root=good_trust_root(), now=bundles.NOW, chain=chain)
    return verify_file(raw, against=against).verdict


SINGLE = json.loads(good_file())
SINGLE_PATHS = [path for path in _scalars(SINGLE) if path != ("digest",)]


def test_there_are_fields_to_alter() -> None:
    assert len(SINGLE_PATHS) > 50
    assert set(SINGLE_PATHS) >= LIVE_ONLY


@pytest.mark.parametrize("path", SINGLE_PATHS, ids=lambda path: ".".join(map(str, path)))
def test_each_field_of_a_single_proof_fails_its_own_check(path: Path) -> None:
    for other in _others(_at(SINGLE, path)):
        raw = _altered(good_file(), path, other)
        verdict = _verdict(raw)
        if path in LIVE_ONLY and verdict.exit_code != 1:
            assert verdict.exit_code == 3
            verdict = _verdict(raw, chain=FakeChain(world().anchors))
        failure = verdict.first_failure
        assert failure is not None, (path, other)
        assert verdict.exit_code == 1
        assert failure.kind.name in CHECK_OF[str(path[0])], (path, failure.reason, failure.text)


PERIOD_WORLD = period_world()
PERIOD_FILE = prove_period(
    PeriodRequest(begin=START + STEP * 2, end=START + STEP * 10), reader=WorldReader(PERIOD_WORLD)
)
PERIOD = json.loads(PERIOD_FILE)
PERIOD_PATHS = [path for path in _scalars(PERIOD) if path != ("digest",)]


@given(st.sampled_from(PERIOD_PATHS), st.data())
def test_each_field_of_a_period_bundle_is_authenticated_or_a_stated_claim(
    path: Path, data: st.DataObject
) -> None:
    other = data.draw(st.sampled_from(_others(_at(PERIOD, path))))
    raw = _altered(PERIOD_FILE, path, other)
    verdict = _verdict(raw, chain=FakeChain(PERIOD_WORLD.anchors))
    if path in CLAIMS:
        assert verdict.exit_code in (0, 1, 3)
    else:
        assert verdict.exit_code == 1, (path, other)
        assert verdict.first_failure is not None
        assert verdict.first_failure.status is Status.FAILED


@given(st.integers(0, len(PERIOD_FILE) - 1), st.integers(0, 7))
def test_no_bit_of_a_period_bundle_can_be_flipped(place: int, bit: int) -> None:
    changed = bytearray(PERIOD_FILE)
    changed[place] ^= 1 << bit
    with pytest.raises((InputError, IntegrityError)):
        read_bundle_file(bytes(changed)).require_digest()
