"""Each field altered and the digest computed again: a check of its own fails, or the spec says not.

Both kinds of bundle are looked at at every place: values, objects and arrays.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import bundles
from support.bundle_reader import WorldReader
from support.bundles import DEVICE, OTHER_DEVICE, START, STEP, FakeChain, World, trust_root
from support.json_mutations import Path, altered, at, others, places, refiled

from trace_node.errors import InputError, IntegrityError
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog import note as notes
from trace_node.tlog.bundle_file import read_bundle_file
from trace_node.tlog.verdict import Status, Verdict

CHECK_OF = {
    "anchor": {"anchor.binding", "anchor.live", "file.form"},
    "collector": {"collector", "file.form"},
    "context": {"context", "file.form"},
    "delivery": {"delivery.signature", "delivery.inclusion", "file.form"},
    "hash": {"checkpoint.origin", "file.form"},
    "leaf": {"inclusion", "file.form"},
    "leaf_index": {"inclusion", "file.form"},
    "log_proof": {
        *("file.form", "checkpoint.origin", "checkpoint.signature", "checkpoint.witnesses"),
        "inclusion",
    },
    "anchor_offline": {"file.form"},
    "timestamps": {"file.form"},
    "type": {"file.form"},
}


@cache
def world() -> World:
    """A small log that has one of everything; its checkpoints have a witness."""
    made = World()
    for part in range(2):
        if part:
            made.reboot()
        steps = range(3 * part, 3 * part + 3)
        bodies = [made.reading(START + STEP * step) for step in steps]
        bodies.append(made.event(START + STEP * steps[-1]))
        bodies.append(made.reading(START + STEP * steps[1], OTHER_DEVICE))
        at_end = START + STEP * (steps[-1] + 1)
        made.deliver(bodies, at=at_end)
        made.find(finding="out_of_range", seq_from=1, seq_to=1, found_at=at_end)
        made.seal(at=at_end, witnessed=True)
        made.anchor(at=at_end + timedelta(minutes=1))
    return made


@cache
def root() -> bytes:
    """A trust root that demands the witness."""
    return trust_root(witness_policy=bundles.witness_policy()).raw


@cache
def single(place: int = 1) -> bytes:
    """The bundle of a record of the first or of the second delivery."""
    return world().bundle_file(world().deliveries[place // 5].indexes[place % 5])


@cache
def period(device: str = DEVICE) -> bytes:
    """The bundle of a period of one device, with a boundary, a finding and an earlier anchor."""
    request = PeriodRequest(
        begin=START + STEP, end=START + STEP * 5, devices=(device,), boundary="furnace 1"
    )
    return prove_period(request, reader=WorldReader(world()))


def _verdict(raw: bytes, *, trusted: bytes | None = None) -> Verdict:
    against = Against(
        trust_root=trusted or root(), now=bundles.NOW, chain=FakeChain(world().anchors)
    )
    return verify_file(raw, against=against).verdict


def _same_note(one: str, other: Any) -> bool:
    """Whether two notes hold the same lines, in any number; a witness's may be missing."""
    try:
        first, second = notes.parse(one.encode()), notes.parse(other.encode())
    except (AttributeError, InputError):
        return False
    kept = {line for line in second.signatures if line.name != bundles.witness().key.name}
    return first.text == second.text and kept <= set(first.signatures)


def _only_repeats(one: str, other: Any) -> bool:
    """Whether two texts have the same lines, some of them again."""
    return isinstance(other, str) and list(dict.fromkeys(other.split("\n"))) == list(
        dict.fromkeys(one.split("\n"))
    )


# What the specs of the bundles list as not authenticated, by place; * is any number.
STATED: dict[Path, Callable[[Any, Any], bool]] = {
    ("digest",): lambda _, __: True,
    ("anchor",): lambda _, other: other is None,
    ("devices", "*", "registration"): lambda _, other: other is None,
    ("from",): lambda _, other: isinstance(other, str),
    ("to",): lambda _, other: isinstance(other, str),
    ("scope", "name"): lambda _, other: isinstance(other, str),
    ("log_proof",): _only_repeats,
    ("checkpoint",): _only_repeats,
    ("history", "*", "checkpoint"): _same_note,
    ("history",): lambda _, other: other == [],
}


def is_stated(path: Path, value: Any, other: Any) -> bool:
    """Whether the specs list this change as one that nothing authenticates."""
    place = tuple("*" if isinstance(step, int) else step for step in path)
    return place in STATED and STATED[place](value, other)


def _requires_own_failure(raw: bytes, path: Path, other: Any) -> str:
    """Require a failure of the altered file; the name of its check, empty where none is due."""
    value = at(json.loads(raw), path)
    changed = altered(raw, path, other)
    if changed == raw:
        return ""
    verdict = _verdict(changed)
    if is_stated(path, value, other):
        assert verdict.exit_code in (0, 1, 3)
        return ""
    assert verdict.exit_code == 1, (path, other)
    failure = verdict.first_failure
    assert failure is not None
    assert failure.status is Status.FAILED
    return failure.kind.name


def test_the_right_files_pass_every_check() -> None:
    for raw in (single(1), single(3), single(6), period(), period(OTHER_DEVICE)):
        assert _verdict(raw).exit_code in (0, 3)
    for raw in (single(1), single(3), single(6), period()):
        assert _verdict(raw).exit_code == 0


SINGLE_PLACES = list(places(json.loads(single())))
PERIOD = json.loads(period())
PERIOD_PLACES = list(places(PERIOD))


def test_there_is_one_of_everything_to_alter() -> None:
    assert len(SINGLE_PLACES) > 60
    assert len(PERIOD_PLACES) > 200
    assert not [name for name in ("findings", "history", "devices") if not PERIOD[name]]
    assert PERIOD["devices"][0]["registration"] is not None
    assert {item["record"]["type"] for d in PERIOD["deliveries"] for item in d["records"]} == {
        "reading@1",
        "event@1",
    }


@pytest.mark.parametrize("path", SINGLE_PLACES, ids=lambda path: ".".join(map(str, path)))
def test_each_place_of_a_single_proof_fails_its_own_check(path: Path) -> None:
    for raw in (single(1), single(3)):  # a reading and an event
        if path in set(places(json.loads(raw))):
            for other in others(at(json.loads(raw), path)):
                check = _requires_own_failure(raw, path, other)
                assert not check or check in CHECK_OF[str(path[0])], (path, other, check)


@pytest.mark.parametrize("member", sorted(PERIOD))
def test_each_place_of_a_period_bundle_fails_or_is_stated(member: str) -> None:
    for path in PERIOD_PLACES:
        if path[0] == member:
            for other in others(at(PERIOD, path)):
                _requires_own_failure(period(), path, other)


@pytest.mark.parametrize(
    ("path", "other"),
    [
        (("from",), "2026-11-21T00:30:00.000Z"),
        (("scope", "name"), "furnace 2"),
        (("devices", 0, "registration"), None),
        (("history",), []),
    ],
)
def test_what_the_spec_lists_is_indeed_not_authenticated(path: Path, other: Any) -> None:
    assert is_stated(path, at(PERIOD, path), other)
    assert _verdict(altered(period(), path, other)).exit_code == 0


def test_members_of_two_single_proofs_never_mix() -> None:
    ours, theirs = json.loads(single(1)), json.loads(single(6))
    names = sorted(name for name in ours if ours[name] != theirs[name] and name != "digest")
    assert names == ["anchor", "context", "delivery", "leaf", "leaf_index", "log_proof"]
    for choice in product((ours, theirs), repeat=len(names)):
        mixed = {**ours, **{name: of[name] for name, of in zip(names, choice, strict=True)}}
        pure = all(of is choice[0] for of in choice)
        assert _verdict(refiled(mixed)).exit_code == (0 if pure else 1)


def test_members_of_two_period_bundles_never_mix() -> None:
    ours, theirs = json.loads(period()), json.loads(period(OTHER_DEVICE))
    names = sorted(name for name in ours if ours[name] != theirs[name] and name != "digest")
    assert {"deliveries", "devices", "findings", "proof"} <= set(names)
    for choice in product((ours, theirs), repeat=len(names)):
        mixed = {**ours, **{name: of[name] for name, of in zip(names, choice, strict=True)}}
        pure = all(of is choice[0] for of in choice)
        assert (_verdict(refiled(mixed)).exit_code != 1) == pure


def test_a_bundle_passes_for_its_own_log_only() -> None:
    """The same keys and records in another log: nothing of one stands for the other."""
    elsewhere = World(origin=bundles.Origin("trace-node.example/plant-b/sm3"))
    made = elsewhere.deliver(
        [elsewhere.reading(START + STEP * step) for step in range(4)], at=START
    )
    elsewhere.seal(at=START, witnessed=True)
    elsewhere.anchor(at=START)
    ours, theirs = json.loads(single(1)), json.loads(elsewhere.bundle_file(made.indexes[1]))
    names = sorted(name for name in ours if ours[name] != theirs[name] and name != "digest")
    for name in names:
        assert _verdict(refiled({**ours, name: theirs[name]})).exit_code == 1, name
    assert _verdict(refiled(theirs)).exit_code == 1


@given(st.integers(0, len(period()) - 1), st.integers(0, 7))
def test_no_bit_of_a_period_bundle_can_be_flipped(place: int, bit: int) -> None:
    changed = bytearray(period())
    changed[place] ^= 1 << bit
    with pytest.raises((InputError, IntegrityError)):
        read_bundle_file(bytes(changed)).require_digest()
