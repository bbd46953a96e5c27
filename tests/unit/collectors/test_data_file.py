"""The data file that is carried by hand: whole or refused, and signed delivery by delivery."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.collector_setup import PLANT
from support.spool_parts import NOON, ORIGIN, new_key, reading, signing

from collectors.errors import CollectedDataError
from collectors.runtime import data_file
from collectors.runtime.chain_builder import ChainBuilder, Identity
from collectors.runtime.data_check import examine
from collectors.runtime.data_file import (
    DataHead,
    read_deliveries,
    read_head,
    write_data_file,
)
from trace_node.crypto.sm2 import PrivateKey
from trace_node.crypto.sm3 import sm3
from trace_node.errors import TooLargeError
from trace_node.ids import OrganisationId
from trace_node.metering.records.wire import encode_delivery

KEY = new_key()
POINTS = (PLANT / "coal-mine.points.toml").read_text(encoding="utf-8")


def bodies(
    count: int = 3, *, key: PrivateKey = KEY, organisation: str = "demo", points: str = POINTS
) -> list[bytes]:
    """Deliveries of two readings each."""
    identity = Identity(
        organisation=OrganisationId(organisation),
        collector=key.public.key_id,
        config=sm3(points.encode()),
        software="trace-node test",
    )
    chain = ChainBuilder(identity, heads={}, last_batch=0, now=NOON, head=None)
    found = []
    for _ in range(count):
        batch = chain.build([reading(), reading()], rows={})
        digests = [record.digest for record in batch.records]
        found.append(
            encode_delivery(
                delivery=signing(key)(batch.context[0], digests),
                context=batch.context[1],
                records=[record.body for record in batch.records],
            )
        )
    return found


def head(count: int = 3) -> DataHead:
    return DataHead(
        collector=KEY.public,
        organisation="demo",
        log="plant-a",
        origin=ORIGIN,
        deliveries=count,
        made_at="2026-11-21T04:00:00.000Z",
        points=POINTS,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.tnd"
    write_data_file(path, head(), bodies())
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """[S2-11.4-b]"""
    path, made = tmp_path / "data.tnd", bodies()
    assert write_data_file(path, head(), made) == path.stat().st_size
    assert read_head(path) == head()
    assert list(read_deliveries(path)) == made
    found = examine(path)
    assert (found.records, found.of_other_points) == (6, 0)


def test_an_empty_one_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "data.tnd"
    write_data_file(path, head(0), [])
    assert examine(path).records == 0


def test_what_an_earlier_point_list_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "data.tnd"
    write_data_file(path, head(), [*bodies(2), *bodies(1, points="another")])
    assert examine(path).of_other_points == 2


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0), bit=st.integers(0, 7), cut=st.booleans())
def test_any_flipped_bit_and_any_cut_is_found(file: Path, place: int, bit: int, cut: bool) -> None:
    raw = file.read_bytes()
    place %= len(raw)
    changed = bytearray(raw)
    changed[place] ^= 1 << bit
    other = file.with_name("other.tnd")
    other.write_bytes(raw[:place] if cut else changed)
    with pytest.raises(CollectedDataError) as caught:
        read_head(other)
    assert caught.value.remedy


@pytest.mark.parametrize("count", [2, 4])
def test_another_number_of_deliveries_is_refused(tmp_path: Path, count: int) -> None:
    path = tmp_path / "data.tnd"
    write_data_file(path, head(count), bodies(3))
    with pytest.raises(CollectedDataError):
        list(read_deliveries(path))


@pytest.mark.parametrize(
    "forged",
    [
        bodies(1, key=new_key()),
        bodies(1, organisation="another"),
        [b"\0\1x" * 3],
    ],
    ids=["another collector", "another organisation", "no delivery"],
)
def test_a_delivery_that_the_collector_did_not_sign_is_named(
    tmp_path: Path, forged: list[bytes]
) -> None:
    path = tmp_path / "data.tnd"
    write_data_file(path, head(2), [*bodies(1), *forged])
    with pytest.raises(CollectedDataError) as caught:
        examine(path)
    assert (caught.value.reason, caught.value.params["number"]) == ("collected.delivery", 2)


def test_a_delivery_for_another_log_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data.tnd"
    write_data_file(path, replace(head(1), origin="trace-node.local/b/sm3"), bodies(1))
    with pytest.raises(CollectedDataError):
        examine(path)


def test_a_file_over_its_bound_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_file, "MAX_FILE_BYTES", file.stat().st_size - 1)
    with pytest.raises(TooLargeError):
        read_head(file)


def test_what_is_more_than_a_file_holds_is_left_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a file that nobody takes would be exported for ever."""
    made = list(bodies(3))
    room = len(data_file.MAGIC) + 4 + data_file.MAX_HEAD_BYTES + 32
    for count in range(4):
        held = sum(4 + len(each) for each in made[:count])
        monkeypatch.setattr(data_file, "MAX_FILE_BYTES", room + held)
        assert data_file.count_that_fit(made) == count
        path = tmp_path / f"{count}.tnd"
        write_data_file(path, head(count), made[:count])
        assert list(read_deliveries(path)) == made[:count]
        assert read_head(path).deliveries == count


def test_another_file_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"PK")
    with pytest.raises(CollectedDataError):
        read_head(path)
