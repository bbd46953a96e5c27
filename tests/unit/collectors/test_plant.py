"""The simulated plant: the same digits for the same seed, plausible curves, faults on purpose."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from support.collector_setup import PLANT
from support.collector_world import World

from collectors.codecs.registers import decoder
from collectors.errors import FileError
from collectors.runtime.drafts import to_ms
from collectors.runtime.plant_reader import Plant, load_plant, parse_fault
from collectors.runtime.simulated_meter import (
    Fault,
    FaultKind,
    MeterBank,
    PlantClock,
    SimulatedMeter,
)
from collectors.source import RegisterTable

HOUR = 3_600_000
NOON = to_ms(datetime(2026, 11, 18, 4, 0, tzinfo=UTC))  # a Wednesday, noon in Shanghai
PLANTS = sorted(PLANT.glob("*.plant.toml"))


def meter(plant: Plant, device: str, *faults: Fault, world: World | None = None) -> SimulatedMeter:
    config = next(item for item in plant.points.devices if item.name == device)
    signals = {field: signal for (name, field), signal in plant.signals.items() if name == device}
    clock = PlantClock(start_ms=NOON, speed=1, clock=world or World())
    return SimulatedMeter(config, signals=signals, faults=faults, clock=clock)


def values(
    plant: Plant, device: str, field: str, *at: int, faults: tuple[Fault, ...] = ()
) -> list[Decimal]:
    found = meter(plant, device, *faults)
    config = next(item for item in found.config.fields if item.name == field)
    return [found.value(config, at_ms=instant) for instant in at]


def names(plant: Plant) -> set[str]:
    return {device.name for device in plant.points.devices}


@pytest.fixture(scope="module")
def mine() -> Plant:
    return load_plant(PLANT / "coal-mine.plant.toml")


class TestDeterminism:
    def test_the_same_seed_gives_the_same_digits(self, mine: Plant) -> None:
        again = load_plant(PLANT / "coal-mine.plant.toml")
        at = [NOON + n * 77_777 for n in range(50)]
        for device, field in mine.signals:
            assert values(mine, device, field, *at) == values(again, device, field, *at)

    def test_any_instant_can_be_asked_for_in_any_order(self, mine: Plant) -> None:
        at = [NOON + n * HOUR for n in range(-48, 48, 5)]
        forward = values(mine, "CM-EM-01", "active_energy", *at)
        fresh = load_plant(PLANT / "coal-mine.plant.toml")
        backward = values(fresh, "CM-EM-01", "active_energy", *reversed(at))
        assert forward == backward[::-1]

    def test_these_digits_are_the_plant(self, mine: Plant) -> None:
        """Fixed, so that a change of the arithmetic is noticed: it would change the demo."""
        (energy,) = values(mine, "CM-EM-01", "active_energy", NOON)
        (methane,) = values(mine, "CM-CH4-01", "methane", NOON)
        assert (str(energy), str(methane)) == ("5199990.46", "0.250")

    def test_another_seed_gives_others(self, mine: Plant) -> None:
        other = load_plant(PLANT / "coal-mine.plant.toml", seed=1)
        assert values(other, "CM-EM-01", "active_energy", NOON) != values(
            mine, "CM-EM-01", "active_energy", NOON
        )


class TestCurves:
    @pytest.mark.parametrize("path", PLANTS, ids=lambda path: path.stem)
    def test_every_value_lies_in_the_range_of_its_register(self, path: Path) -> None:
        plant = load_plant(path)
        assert {name for name, _ in plant.signals} == {d.name for d in plant.points.devices}
        for device in plant.points.devices:
            simulated = meter(plant, device.name)
            for field in device.fields:
                register = field.meter_register
                for hour in range(0, 24 * 46, 7):
                    value = simulated.value(field, at_ms=NOON + hour * HOUR)
                    assert register.minimum <= value <= register.maximum, (field.name, value)

    @pytest.mark.parametrize("path", PLANTS, ids=lambda path: path.stem)
    def test_counters_never_run_back_nor_faster_than_their_rate(self, path: Path) -> None:
        plant = load_plant(path)
        at = [NOON + n * 15_000 for n in range(400)]
        for device in plant.points.devices:
            for field in device.fields:
                register = field.meter_register
                if register.kind != "counter":
                    continue
                for before, after in pairwise(values(plant, device.name, field.name, *at)):
                    assert 0 <= after - before <= register.max_rate * 15

    def test_power_is_the_slope_of_energy(self, mine: Plant) -> None:
        begin = NOON - NOON % 60_000
        first, last = values(mine, "CM-EM-01", "active_energy", begin, begin + 60_000)
        (power,) = values(mine, "CM-EM-01", "power", begin + 30_000)
        assert abs((last - first) * 60 - power) < Decimal("1.3")

    def test_the_kiln_stops_as_planned(self) -> None:
        cement = load_plant(PLANT / "cement-line.plant.toml")
        commissioned = to_ms(datetime(2025, 12, 31, 16, tzinfo=UTC))
        stop = commissioned + 45 * 24 * HOUR - 15 * HOUR
        assert values(cement, "CL-BS-04", "mass_flow", stop) == [Decimal("0.0")]
        (running,) = values(cement, "CL-BS-04", "mass_flow", stop + 20 * HOUR)
        assert 150 < running < 260

    def test_a_meter_not_yet_commissioned_shows_its_first_value(self, mine: Plant) -> None:
        before = to_ms(datetime(2025, 6, 1, tzinfo=UTC))
        assert values(mine, "CM-EM-01", "active_energy", before) == [Decimal("3184205.44")]


def fault(kind: FaultKind, amount: int = 0) -> Fault:
    return Fault(device="CM-EM-01", kind=kind, from_ms=NOON, until_ms=NOON + HOUR, amount=amount)


class TestFaults:
    def test_dead_busy_and_late_answer_so(self, mine: Plant) -> None:
        holding = RegisterTable.HOLDING
        assert meter(mine, "CM-EM-01", fault(FaultKind.DEAD)).read(holding, 0, 2).silent
        assert meter(mine, "CM-EM-01", fault(FaultKind.BUSY)).read(holding, 0, 2).exception == 6
        late = meter(mine, "CM-EM-01", fault(FaultKind.LATE, 1_500)).read(holding, 0, 2)
        assert late.delay_s == 1.5
        assert late.words

    def test_a_fault_ends(self, mine: Plant) -> None:
        world = World()
        found = meter(mine, "CM-EM-01", fault(FaultKind.DEAD), world=world)
        assert found.read(RegisterTable.HOLDING, 0, 2).silent
        world.pass_ms(HOUR)
        assert not found.read(RegisterTable.HOLDING, 0, 2).silent

    def test_stuck_values_stand_and_then_go_on(self, mine: Plant) -> None:
        at = (NOON, NOON + HOUR // 2, NOON + HOUR)
        stuck = values(mine, "CM-EM-01", "active_energy", *at, faults=(fault(FaultKind.STUCK),))
        real = values(mine, "CM-EM-01", "active_energy", *at)
        assert stuck[0] == stuck[1] == real[0]
        assert stuck[2] == real[2]

    def test_a_counter_rolls_over_at_the_instant_asked_for(self, mine: Plant) -> None:
        at = (NOON - 60_000, NOON - 30_000, NOON, NOON + 60_000)
        rolled = values(
            mine, "CM-EM-01", "active_energy", *at, faults=(fault(FaultKind.ROLL_OVER),)
        )
        real = values(mine, "CM-EM-01", "active_energy", *at)
        assert rolled[2] == 0
        assert Decimal(9_999_900) < rolled[0] < rolled[1] < Decimal(10_000_000)
        assert rolled[3] - rolled[2] == real[3] - real[2]
        assert 10_000_000 - rolled[0] + rolled[3] == real[3] - real[0]

    def test_a_reset_counter_begins_at_zero_and_stays_low(self, mine: Plant) -> None:
        at = (NOON - 1, NOON, NOON + 2 * HOUR)
        reset = values(mine, "CM-EM-01", "active_energy", *at, faults=(fault(FaultKind.RESET),))
        real = values(mine, "CM-EM-01", "active_energy", *at)
        assert reset[0] == real[0]
        assert reset[1] == 0
        assert reset[2] == real[2] - real[1]

    def test_a_clock_step_moves_the_clock_and_nothing_else(self, mine: Plant) -> None:
        stepped = meter(mine, "CM-EM-01", fault(FaultKind.CLOCK_STEP, -3_600))
        words = stepped.read(RegisterTable.HOLDING, 20, 4).words
        shown = int.from_bytes(b"".join(word.to_bytes(2, "big") for word in words), "big")
        assert shown == NOON - 3_600_000
        right = meter(mine, "CM-EM-01")
        assert stepped.read(RegisterTable.HOLDING, 0, 4) == right.read(RegisterTable.HOLDING, 0, 4)

    def test_a_fault_is_read_from_the_command_line(self, mine: Plant) -> None:
        found = parse_fault("CM-EM-01:clock_step@+1m/1h30m=-60", devices=names(mine), start_ms=NOON)
        assert found == Fault(
            device="CM-EM-01",
            kind=FaultKind.CLOCK_STEP,
            from_ms=NOON + 60_000,
            until_ms=NOON + 60_000 + 5_400_000,
            amount=-60,
        )

    @pytest.mark.parametrize(
        "text",
        ["", "CM-EM-01:dead", "CM-EM-09:dead@+1s/1s", "CM-EM-01:ill@+1s/1s", "CM-EM-01:dead@+x/1s"],
    )
    def test_other_texts_are_refused(self, mine: Plant, text: str) -> None:
        with pytest.raises(FileError) as caught:
            parse_fault(text, devices=names(mine), start_ms=NOON)
        assert caught.value.reason == "collector.plant.fault"


class TestRegisters:
    def test_what_a_meter_shows_is_what_is_decoded(self, mine: Plant) -> None:
        for device in mine.points.devices:
            simulated = meter(mine, device.name)
            for field in device.fields:
                reply = simulated.read(field.table, field.address, field.length)
                wire = b"".join(word.to_bytes(2, "big") for word in reply.words)
                assert decoder(field.form)(wire) == simulated.value(field, at_ms=NOON)

    def test_addresses_it_does_not_have_are_refused(self, mine: Plant) -> None:
        found = meter(mine, "CM-EM-01")
        assert found.read(RegisterTable.HOLDING, 500, 1).exception == 2
        assert found.read(RegisterTable.INPUT, 0, 1).exception == 2
        assert found.read(RegisterTable.HOLDING, 5, 2).words == (0, 0)

    def test_an_unknown_unit_stays_silent(self, mine: Plant) -> None:
        bank = MeterBank([meter(mine, "CM-EM-01"), meter(mine, "CM-EM-02")])
        assert bank.read(9, RegisterTable.HOLDING, 0, 2).silent
        assert bank.read(2, RegisterTable.HOLDING, 0, 2).words

    def test_time_can_run_faster(self) -> None:
        world = World()
        clock = PlantClock(start_ms=NOON, speed=60, clock=world)
        world.pass_ms(1_500)
        assert clock.now_ms() == NOON + 90_000


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('format = "plant@1"', 'format = "plant@9"', "format"),
        ('shape = "rate"', 'shape = "slope"', "value"),
        ('of = "active_energy"', 'of = "nothing"', "value"),
        ('device = "CM-EM-01"', 'device = "CM-EM-99"', "value"),
        ('field = "mass"', 'field = "weight"', "value"),
        ('profile = "coal"', 'profile = "cole"', "value"),
        ("sunday = 850", "sundays = 850", "unknown_key"),
        ("hours = [950, 980,", "hours = [950,", "value"),
        ("+08:00", "", "value"),
    ],
)
def test_each_mistake_of_a_plant_file_is_named(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    text = (PLANT / "coal-mine.plant.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "coal-mine.points.toml").write_text(
        (PLANT / "coal-mine.points.toml").read_text(encoding="utf-8")
    )
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(FileError) as caught:
        load_plant(path)
    assert caught.value.reason == f"collector.plant.{reason}"
    assert "mine.toml, line" in caught.value.message
