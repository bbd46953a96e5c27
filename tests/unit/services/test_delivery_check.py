"""Each kind of wrong delivery is refused with its own code, its field and a remedy; nothing is stored.

Shows S0-9.4.2.2-a1, S3-4.2-2.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from support.builders import (
    GAUGE,
    NOW,
    Run,
    counter,
    device_registration,
    key,
    key_registration,
    meter,
)
from support.plant import Plant, plant
from support.stores import new_store
from support.usual_engine import USUAL

from trace_node.errors import TraceNodeError
from trace_node.ids import OrganisationId, Origin
from trace_node.metering.records.wire import MAX_BODY_BYTES

Make = Callable[[Plant], bytes]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with new_store(USUAL, tmp_path_factory.mktemp("node")) as store, plant(store) as here:
        yield here


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Plant]:
    with new_store(USUAL, tmp_path) as store, plant(store) as here:
        yield here


def one(run: Run, record: bytes) -> bytes:
    return run.deliver([record])


def cut_off(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading())[:-1]


def trailing(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading()) + b"\0"


def too_large(_: Plant) -> bytes:
    return bytes(MAX_BODY_BYTES + 1)


def too_many(_: Plant) -> bytes:
    return b"\0\1x" * 4100


def no_records(_: Plant) -> bytes:
    run = Run()
    return b"".join(
        len(entry).to_bytes(2, "big") + entry for entry in (run.delivery([b"x"]), run.context)
    )


def not_json(_: Plant) -> bytes:
    run = Run()
    return one(run, b"not json")


def not_canonical(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading().replace(b'":"', b'": "', 1))


def repeated_key(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading().replace(b'"clock"', b'"boot":"x","clock"', 1))


def unknown_version(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading().replace(b"reading@1", b"reading@9"))


def without_unit(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading().replace(b'"unit":"kWh"', b'"unit":""'))


def other_unit(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading(unit="MWh"))


def other_scale(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading("1.000"))


def unknown_device(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading(device="meter-9"))


def event_of_unknown_device(_: Plant) -> bytes:
    run = Run()
    return one(run, run.event(device="meter-9"))


def unknown_register(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading(meter_register="voltage"))


def observed_in_the_future(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading(at=NOW + timedelta(seconds=61)))


def collected_in_the_future(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading(collected_at=NOW + timedelta(seconds=61)))


def of_another_boot(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading(boot=bytes(16)))


def of_another_context(_: Plant) -> bytes:
    run = Run()
    return one(run, run.reading(context=bytes(32)))


def another_context_record(_: Plant) -> bytes:
    run, other = Run(), Run()
    record = run.reading()
    other.context_digest = run.context_digest
    return other.deliver([record])


def context_of_another_collector(_: Plant) -> bytes:
    run = Run(collector="other")
    return run.deliver([run.reading()], signer="collector")


def wrong_count(_: Plant) -> bytes:
    run = Run()
    return run.deliver([run.reading()], count=2)


def wrong_root(_: Plant) -> bytes:
    run = Run()
    return run.deliver([run.reading()], root=bytes(32))


def other_order(_: Plant) -> bytes:
    run = Run()
    records = [run.reading() for _ in range(3)]
    entries = run.deliver(records)
    swapped = [records[0], records[2], records[1]]
    before = run.deliver(swapped)  # signed over the other order
    length = 2 + int.from_bytes(entries[:2], "big")
    return entries[:length] + before[2 + int.from_bytes(before[:2], "big") :]


def for_another_log(_: Plant) -> bytes:
    run = Run(origin=Origin("trace-node.local/plant-b/sm3"))
    return one(run, run.reading())


def by_an_unknown_key(_: Plant) -> bytes:
    run = Run(collector="stranger")
    return one(run, run.reading())


def by_the_key_of_a_node(_: Plant) -> bytes:
    run = Run(collector="node")
    return one(run, run.reading())


def for_another_organisation(_: Plant) -> bytes:
    run = Run(organisation=OrganisationId("plant-b"))
    return one(run, run.reading())


def forged(_: Plant) -> bytes:
    run = Run()
    record = run.reading()
    real, other = run.delivery([record]), run.delivery([record])
    start = other.index(b'"value":"') + 9
    end = other.index(b'"', start)
    signature = other[start:end]
    place = real.index(b'"value":"') + 9
    body = one(run, record)
    delivery = real[:place] + signature + real[real.index(b'"', place) :]
    original = body[2 : 2 + int.from_bytes(body[:2], "big")]
    rest = body[2 + len(original) :]
    return len(delivery).to_bytes(2, "big") + delivery + rest


REFUSED = [
    (cut_off, "delivery.wire.cut_off"),
    (trailing, "delivery.wire.cut_off"),
    (too_large, "delivery.too_large"),
    (too_many, "delivery.too_many"),
    (no_records, "delivery.wire.empty"),
    (not_json, "input.canonical"),
    (not_canonical, "input.canonical"),
    (repeated_key, "input.canonical.repeated_key"),
    (unknown_version, "record.version"),
    (without_unit, "record.unit"),
    (other_unit, "record.unit"),
    (other_scale, "record.scale"),
    (unknown_device, "ingest.device"),
    (event_of_unknown_device, "ingest.device"),
    (unknown_register, "ingest.meter_register"),
    (observed_in_the_future, "record.future"),
    (collected_in_the_future, "record.future"),
    (of_another_boot, "ingest.record_boot"),
    (of_another_context, "ingest.record_context"),
    (another_context_record, "delivery.context"),
    (context_of_another_collector, "ingest.context"),
    (wrong_count, "delivery.count"),
    (wrong_root, "ingest.root"),
    (other_order, "ingest.root"),
    (for_another_log, "ingest.log"),
    (by_an_unknown_key, "ingest.key"),
    (by_the_key_of_a_node, "ingest.key"),
    (for_another_organisation, "ingest.organisation"),
    (forged, "integrity.signature.mismatch"),
]


@pytest.mark.parametrize(("make", "code"), REFUSED, ids=[make.__name__ for make, _ in REFUSED])
def test_refused(here: Plant, make: Make, code: str) -> None:
    state = here.writer.snapshot
    with pytest.raises(TraceNodeError) as refusal:
        here.ingest.submit(make(here))
    assert refusal.value.reason == code
    assert refusal.value.message
    assert here.writer.snapshot == state
    here.deliver_records(Run(), 1)  # the node goes on


def not_canonical_record(run: Run) -> bytes:
    return run.reading().replace(b'":"', b'": "', 1)


WRONG_RECORDS: list[tuple[Callable[[Run], bytes], str]] = [
    (not_canonical_record, "input.canonical"),
    (lambda run: run.reading() + b"\n", "input.canonical"),
    (lambda run: run.reading(unit="MWh"), "record.unit"),
    (lambda run: run.reading("1.000"), "record.scale"),
    (lambda run: run.reading(at=NOW + timedelta(seconds=61)), "record.future"),
    (lambda run: run.event(collected_at=NOW + timedelta(seconds=61)), "record.future"),
    (lambda run: run.reading(boot=bytes(16)), "ingest.record_boot"),
    (lambda run: run.event(context=bytes(32)), "ingest.record_context"),
    (lambda run: run.event(device="meter-9"), "ingest.device"),
    (lambda run: run.reading(meter_register="voltage"), "ingest.meter_register"),
]


@pytest.mark.parametrize(("wrong", "code"), WRONG_RECORDS)
@pytest.mark.parametrize("place", [0, 3, 6])
def test_one_wrong_record_among_many_is_named(
    here: Plant, wrong: Callable[[Run], bytes], code: str, place: int
) -> None:
    """What comes after it and is wrong as well is not spoken of."""
    run = Run()
    right = [run.reading(), run.event(), run.reading(None), run.event(), run.reading()]
    right += [run.reading()]
    wrong_too = run.reading(device="meter-8")
    if code == "input.canonical":  # of records nobody can read, the first comes before all else
        wrong_too = wrong_too.replace(b"reading@1", b"reading@9")
    records = [*right[:place], wrong(run), *right[place:], wrong_too]
    state = here.writer.snapshot
    with pytest.raises(TraceNodeError) as refusal:
        here.ingest.submit(run.deliver(records))
    assert refusal.value.reason == code
    if code.startswith("ingest."):
        assert refusal.value.params["place"] == place
    assert here.writer.snapshot == state


def test_a_delivery_may_reach_over_a_new_description(fresh: Plant) -> None:
    """Each record is held against the description that held when it was collected."""
    finer = counter(scale=3, minimum=Decimal("0.000"), maximum=Decimal("9.000"), capacity=None)
    later = meter(meter_registers=[finer], valid_from=NOW - timedelta(hours=1))
    fresh.enrolment.enrol(device_registration(later))
    before = NOW - timedelta(hours=2)
    run = Run()
    records = [run.reading("1.00", at=before, collected_at=before), run.reading("1.100")]
    assert fresh.deliver(run.deliver(records)).count == 2
    wrong = [run.reading("1.20"), run.reading("1.30", at=before, collected_at=before)]
    with pytest.raises(TraceNodeError) as refusal:
        fresh.deliver(run.deliver(wrong))
    assert refusal.value.reason == "record.scale"


def test_codes_are_shared_only_by_what_is_told_apart_by_its_field() -> None:
    shared = {code for _, code in REFUSED if [c for _, c in REFUSED].count(code) > 1}
    assert shared <= {
        *("delivery.wire.cut_off", "input.canonical", "record.unit", "ingest.device"),
        *("record.future", "ingest.root", "ingest.key"),
    }


def test_times_up_to_the_tolerance_are_taken(fresh: Plant) -> None:
    run = Run()
    edge = NOW + timedelta(seconds=60)
    fresh.deliver(run.deliver([run.reading(at=edge, collected_at=edge)]))


def test_a_key_is_valid_from_and_to_its_instants(fresh: Plant) -> None:
    fresh.enrolment.enrol(
        key_registration(
            "late", valid_from=NOW + timedelta(hours=1), valid_to=NOW + timedelta(hours=2)
        )
    )
    for seconds, is_valid in ((0, False), (3600, True), (7199, True), (7200, False)):
        fresh.clock.move_to(NOW + timedelta(seconds=seconds))
        run = Run(collector="late")
        if is_valid:
            fresh.deliver_records(run, 1)
        else:
            with pytest.raises(TraceNodeError) as refusal:
                fresh.deliver_records(run, 1)
            assert refusal.value.reason == "ingest.key"


def test_a_key_is_revoked_by_a_later_registration(fresh: Plant) -> None:
    fresh.deliver_records(Run(), 1)
    fresh.enrolment.enrol(
        key_registration("collector", valid_from=NOW, valid_to=NOW + timedelta(seconds=1))
    )
    fresh.clock.move(seconds=2)
    with pytest.raises(TraceNodeError) as refusal:
        fresh.deliver_records(Run(), 1)
    assert refusal.value.reason == "ingest.key"


def test_a_description_counts_from_its_instant(fresh: Plant) -> None:
    described = counter(scale=1, minimum=Decimal("0.0"), maximum=Decimal("99.9"), capacity=None)
    later = meter("meter-2", meter_registers=[described], valid_from=NOW)
    fresh.enrolment.enrol(device_registration(later))
    run = Run()
    fresh.deliver(run.deliver([run.reading("5.0", device="meter-2")]))
    before = Run(now=NOW - timedelta(seconds=1))
    with pytest.raises(TraceNodeError) as refusal:
        fresh.deliver(before.deliver([before.reading("5.0", device="meter-2")]))
    assert refusal.value.reason == "ingest.device"


def test_what_another_process_enrolled_is_found(fresh: Plant) -> None:
    """The snapshot is read anew when something is missing, at most once a second."""
    with plant(fresh.store, enrol=False, clock=fresh.clock) as other:
        fresh.clock.move(seconds=5)
        run = Run()
        record = run.reading("7.5", device="meter-3", meter_register=GAUGE, unit="kW")
        with pytest.raises(TraceNodeError):
            other.deliver(run.deliver([record]))
        fresh.enrolment.enrol(device_registration(meter("meter-3")))
        with pytest.raises(TraceNodeError):
            other.deliver(run.deliver([record]))
        fresh.clock.move(seconds=5)
        assert other.deliver(run.deliver([record])).count == 1


class TestEnrolment:
    def test_only_authorities_register(self, fresh: Plant) -> None:
        raw = key_registration("other", signed_by=key("authority").public.key_id)
        forged_raw = raw.replace(key("authority").public.key_id.encode(), b"0" * 32)
        with pytest.raises(TraceNodeError) as refusal:
            fresh.enrolment.enrol(forged_raw)
        assert refusal.value.reason == "enrol.authority"

    def test_a_registration_is_for_its_log(self, fresh: Plant) -> None:
        raw = device_registration(origin=Origin("trace-node.local/plant-b/sm3"))
        with pytest.raises(TraceNodeError) as refusal:
            fresh.enrolment.enrol(raw)
        assert refusal.value.reason == "enrol.registration"

    def test_other_records_are_no_registrations(self, fresh: Plant) -> None:
        with pytest.raises(TraceNodeError) as refusal:
            fresh.enrolment.enrol(Run().context)
        assert refusal.value.reason == "enrol.registration"

    def test_an_altered_registration_is_refused(self, fresh: Plant) -> None:
        raw = key_registration("other").replace(b'"subject":"other"', b'"subject":"uther"')
        with pytest.raises(TraceNodeError) as refusal:
            fresh.enrolment.enrol(raw)
        assert refusal.value.reason.startswith("integrity.signature")
