"""What is to be proved, out of the options of ``trace-node prove``."""

import tomllib
from datetime import datetime
from pathlib import Path

from api.cli.examine import read_bounded
from trace_node.errors import InputError
from trace_node.ids import from_base64url
from trace_node.period import parse_period
from trace_node.ports.log_reader import LogReader
from trace_node.services.prove import find_reading
from trace_node.services.prove_period import PeriodRequest

MAX_BOUNDARY_BYTES = 262_144
MAX_BOUNDARY_NAME = 128
_BOOT_BYTES = 16


def reading_index(
    reader: LogReader,
    *,
    index: int | None,
    device: str | None,
    boot: str | None,
    seq: int | None,
    name: str | None,
    at: str | None,
) -> int:
    """The leaf index of the one reading that is named.

    Raises:
        InputError: The options name none, or several ways at once.
        NotFoundError: It is not logged.
    """
    if index is not None and device is None:
        return index
    if index is None and device is not None:
        if boot is not None and seq is not None and name is None and at is None:
            run = from_base64url(boot, size=_BOOT_BYTES, field="--boot")
            return reader.record(device=device, boot=run, seq=seq).index
        if name is not None and at is not None and boot is None and seq is None:
            observed_at = instant(at, field="--at")
            return find_reading(
                device=device, meter_register=name, observed_at=observed_at, reader=reader
            )
    raise InputError(
        "{field}: name one reading",
        field="INDEX",
        remedy="by its leaf index, by --device, --boot and --seq, or by --device,"
        " --meter-register and --at",
        code="input.what",
    )


def period_request(
    *,
    period: str | None,
    begin: str | None,
    end: str | None,
    meters: tuple[str, ...],
    boundary: Path | None,
    organisation: str | None,
) -> PeriodRequest:
    """Which period of which devices.

    Raises:
        InputError: The options contradict each other, or the boundary file is wrong.
        PeriodError: There is no period of that name.
    """
    if (period is None) == (begin is None or end is None):
        raise InputError(
            "{field}: give the name of a period, or --from and --to",
            field="--period",
            remedy="write --period 2026-11, or --from and --to with a time each",
            code="input.what",
        )
    if meters and boundary is not None:
        raise InputError(
            "{field}: contradicts --boundary",
            field="--meter",
            remedy="give one of the two",
            code="input.what",
        )
    label = None
    if boundary is not None:
        label, meters = read_boundary(boundary)
    if period is not None:
        named = parse_period(period)
        first, last = named.start, named.end
    else:
        first, last = instant(begin or "", field="--from"), instant(end or "", field="--to")
    return PeriodRequest(
        begin=first, end=last, devices=meters, organisation=organisation, boundary=label
    )


def read_boundary(path: Path) -> tuple[str, tuple[str, ...]]:
    """The name and the meters of a boundary file.

    Raises:
        InputError: It cannot be read, is too long, or is not of its form.
    """
    raw = read_bounded(path, bound=MAX_BOUNDARY_BYTES)
    try:
        content = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(
            "{path}: not TOML: {detail}",
            field="boundary",
            path=str(path),
            detail=str(error),
            remedy="correct the text at the place named",
        ) from error
    name, meters = content.get("name"), content.get("meters")
    is_list = isinstance(meters, list) and all(isinstance(meter, str) for meter in meters)
    if (
        not isinstance(name, str)
        or not 1 <= len(name) <= MAX_BOUNDARY_NAME
        or not name.isprintable()
        or not is_list
        or not meters
    ):
        raise InputError(
            "{path}: must hold a name and a list of meters",
            field="boundary",
            path=str(path),
            remedy='write name = "furnace 1" and meters = ["meter-1", "meter-2"]',
        )
    return name, tuple(sorted(set(meters)))


def instant(text: str, *, field: str) -> datetime:
    """Read a time with its zone.

    Raises:
        InputError: It is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.microsecond % 1000:
        raise InputError(
            "{field}: must be a time with its zone, in milliseconds at the finest",
            field=field,
            remedy="write 2026-11-21T03:10:00Z or 2026-11-21T11:10:00.123+08:00",
            code="input.time",
        )
    return found
