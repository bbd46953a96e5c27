"""Read the file of a simulated plant: what its meters show and what goes wrong."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from collectors.errors import FileError
from collectors.runtime.config import DeviceConfig, FieldConfig, PointList
from collectors.runtime.config_reader import load_point_list
from collectors.runtime.drafts import to_ms
from collectors.runtime.plant import (
    FINE,
    HOURS_PER_DAY,
    LOCAL_MS,
    MS_PER_HOUR,
    PERMILLE,
    Counter,
    Noise,
    Profile,
)
from collectors.runtime.simulated_meter import (
    CounterSignal,
    Fault,
    FaultKind,
    LevelSignal,
    RateSignal,
    Signal,
)
from collectors.runtime.toml_file import parse_toml, read_bounded
from collectors.runtime.toml_table import Table
from collectors.runtime.toml_values import duration_ms

FORMAT: Final = "plant@1"
CODE: Final = "collector.plant"
MOST_SEED: Final = 2**53 - 1
_FULL_DAY: Final = (PERMILLE,) * HOURS_PER_DAY
_FAULT: Final = re.compile(
    r"(?P<device>[^@=]+):(?P<kind>[a-z_]+)@\+(?P<begin>\w+)/(?P<length>\w+)(?:=(?P<amount>-?\d{1,9}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A simulated plant.

    Attributes:
        points: Its point list.
        points_path: File of the point list.
        seed: Seed of everything that looks random.
        signals: What each (device, field) shows.
        faults: What goes wrong, as stated in the file.
    """

    points: PointList
    points_path: Path
    seed: int
    signals: dict[tuple[str, str], Signal]
    faults: tuple[Fault, ...]


def load_plant(path: Path, *, seed: int | None = None) -> Plant:
    """Read a plant file and the point list it names.

    Args:
        path: The file.
        seed: Takes the place of the file's seed.

    Raises:
        FileError: The file is unreadable or says something that cannot work.
        PointListError: The point list is.
    """
    raw = read_bounded(path, error=FileError, code=CODE)
    top = parse_toml(raw, name=path.name, error=FileError, code=CODE)
    if top.text("format") != FORMAT:
        raise top.refuse(
            "format", "must be {format}", rule="format", remedy="correct it", format=FORMAT
        )
    points_path = path.parent / top.text("points")
    points = load_point_list(points_path)
    stated = top.integer("seed", least=0, most=MOST_SEED, default=1)
    reader = _SignalReader(
        points=points,
        seed=stated if seed is None else seed,
        profiles=_read_profiles(top),
        first_hour=(to_ms(top.instant("commissioned")) + LOCAL_MS) // MS_PER_HOUR,
    )
    tables = top.tables("signal")
    for table in tables:
        reader.read(table)
    faults = tuple(_read_fault(table, points) for table in top.tables("fault"))
    top.close()
    return Plant(
        points=points,
        points_path=points_path,
        seed=reader.seed,
        signals=reader.signals,
        faults=faults,
    )


def parse_fault(text: str, *, devices: Collection[str], start_ms: int) -> Fault:
    """Read a fault from the command line: ``DEVICE:KIND@+BEGIN/LENGTH[=AMOUNT]``.

    Args:
        text: For example ``CM-EM-01:clock_step@+1m/10m=-3600``; times count from the start.
        devices: Names of the devices there are.
        start_ms: Start of the simulation on the plant's clock.

    Raises:
        FileError: Not of that form, or an unknown device or kind.
    """
    match = _FAULT.fullmatch(text)
    kinds = {kind.value for kind in FaultKind}
    begin_ms = duration_ms(match["begin"]) if match else None
    length_ms = duration_ms(match["length"]) if match else None
    if (
        match is None
        or begin_ms is None
        or length_ms is None
        or match["device"] not in devices
        or match["kind"] not in kinds
    ):
        raise FileError(
            "{field}: {text} must be DEVICE:KIND@+BEGIN/LENGTH[=AMOUNT] with a kind of {kinds}",
            field="--fault",
            text=text[:100],
            kinds=", ".join(sorted(kinds)),
            remedy="write for example CM-EM-01:dead@+30s/1m",
            code=f"{CODE}.fault",
        )
    return Fault(
        device=match["device"],
        kind=FaultKind(match["kind"]),
        from_ms=start_ms + begin_ms,
        until_ms=start_ms + begin_ms + length_ms,
        amount=int(match["amount"] or 0),
    )


def _read_profiles(top: Table) -> dict[str, Profile]:
    steady = Profile(
        name="steady",
        hours=_FULL_DAY,
        saturday=PERMILLE,
        sunday=PERMILLE,
        stop_every_days=0,
        stop_hours=0,
    )
    profiles = {"steady": steady}
    for table in top.tables("profile"):
        name = table.name("name")
        hours = table.integer_list("hours", count=HOURS_PER_DAY, most=2 * PERMILLE)
        profiles[name] = Profile(
            name=name,
            hours=hours,
            saturday=table.integer("saturday", least=0, most=2 * PERMILLE, default=PERMILLE),
            sunday=table.integer("sunday", least=0, most=2 * PERMILLE, default=PERMILLE),
            stop_every_days=table.integer("stop_every_days", least=0, most=3_650, default=0),
            stop_hours=table.integer("stop_hours", least=0, most=240, default=0),
        )
        table.close()
    return profiles


class _SignalReader:
    """Reads signals; a rate finds the counter it belongs to."""

    def __init__(
        self, *, points: PointList, seed: int, profiles: dict[str, Profile], first_hour: int
    ) -> None:
        self.seed = seed
        self.signals: dict[tuple[str, str], Signal] = {}
        self._devices = {str(device.name): device for device in points.devices}
        self._profiles = profiles
        self._first_hour = first_hour

    def read(self, table: Table) -> None:
        """Read one ``[[signal]]``."""
        device = _device(table, self._devices)
        name = table.name("field")
        field = _field(table, device, name)
        shape = table.text("shape")
        make = {"counter": self._counter, "rate": self._rate, "level": self._level}.get(shape)
        if make is None:
            raise table.refuse(
                "shape",
                "must be counter, rate or level",
                rule="value",
                remedy="use one of them",
            )
        self.signals[device.name, name] = make(table, device, field)
        table.close()

    def _counter(self, table: Table, device: DeviceConfig, field: FieldConfig) -> Signal:
        counter = Counter(
            noise=self._noise(device, field),
            profile=self._profile(table),
            nominal=_scaled(table, "nominal", field) * FINE,
            spread=table.integer("spread", least=0, most=PERMILLE - 1, default=30),
            first_hour=self._first_hour,
        )
        initial = _scaled(table, "initial", field) if table.has("initial") else 0
        table.asked.add("initial")
        return CounterSignal(counter=counter, initial=initial)

    def _rate(self, table: Table, device: DeviceConfig, field: FieldConfig) -> Signal:
        name = table.name("of")
        counted = self.signals.get((device.name, name))
        if not isinstance(counted, CounterSignal):
            raise table.refuse(
                "of",
                "there is no counter {name} of this device above",
                rule="value",
                remedy="state the counter before its rate",
                name=name,
            )
        per = table.text("per", default="hour")
        if per not in {"hour", "minute"}:
            raise table.refuse("per", "must be hour or minute", rule="value", remedy="use one")
        decimals = _field(table, device, name).meter_register.scale
        shift = field.meter_register.scale - decimals
        return RateSignal(counter=counted.counter, per=per, shift=shift)

    def _level(self, table: Table, device: DeviceConfig, field: FieldConfig) -> Signal:
        return LevelSignal(
            noise=self._noise(device, field),
            profile=self._profile(table),
            nominal=_scaled(table, "nominal", field),
            depends=table.integer("depends", least=0, most=PERMILLE, default=0),
            spread=table.integer("spread", least=0, most=PERMILLE - 1, default=30),
            first_hour=self._first_hour,
        )

    def _noise(self, device: DeviceConfig, field: FieldConfig) -> Noise:
        return Noise(seed=self.seed, name=f"{device.name}/{field.name}")

    def _profile(self, table: Table) -> Profile:
        name = table.name("profile", default="steady")
        found = self._profiles.get(name)
        if found is None:
            raise table.refuse(
                "profile",
                "there is no [[profile]] of this name",
                rule="value",
                remedy="known: {known}",
                known=", ".join(sorted(self._profiles)),
            )
        return found


def _read_fault(table: Table, points: PointList) -> Fault:
    device = _device(table, {str(device.name): device for device in points.devices})
    begin_ms = to_ms(table.instant("from"))
    fault = Fault(
        device=device.name,
        kind=table.choice("kind", FaultKind),
        from_ms=begin_ms,
        until_ms=begin_ms + table.duration_ms("length"),
        amount=table.integer("amount", least=-(10**9), most=10**9, default=0),
    )
    table.close()
    return fault


def _device(table: Table, devices: dict[str, DeviceConfig]) -> DeviceConfig:
    device = devices.get(table.name("device"))
    if device is None:
        raise table.refuse(
            "device",
            "the point list has no device of this name",
            rule="value",
            remedy="correct the name",
        )
    return device


def _field(table: Table, device: DeviceConfig, name: str) -> FieldConfig:
    for field in device.fields:
        if field.name == name:
            return field
    raise table.refuse(
        "field",
        "the device has no field {name}",
        rule="value",
        remedy="correct the name",
        name=name,
    )


def _scaled(table: Table, key: str, field: FieldConfig) -> int:
    value: Decimal = table.decimal(key)
    return int(value.scaleb(field.meter_register.scale))
