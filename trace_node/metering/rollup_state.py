"""Store a roll-up after any item and take it up again, as if nothing had happened between.

The state is canonical JSON of about a kilobyte. Scaled numbers are written as strings, because they
can exceed 2^53.
"""

from collections.abc import Iterable
from typing import Final

from trace_node.canonical_json import JsonObject, JsonValue, decode_object, encode
from trace_node.ids import from_base64url, to_base64url
from trace_node.metering.errors import SeriesError
from trace_node.metering.increment import CounterState
from trace_node.metering.meter import MeterRegister
from trace_node.metering.open_period import OpenPeriod
from trace_node.metering.rollup import RollUp
from trace_node.period import PeriodKind

STATE: Final = "rollup-state@1"
_NUMBERS: Final = (
    *("begin_ms", "until_ms", "opening", "low", "high", "least_step", "greatest_step"),
    *("sample_sum", "samples", "slots", "last_slot", "parts"),
)


def save_rollup(running: RollUp) -> bytes:
    """The state of a roll-up, in canonical form."""
    counter = running.counter
    return encode(
        {
            "counter": None if counter is None else _save_counter(counter),
            "kinds": [*sorted(kind.value for kind in running.kinds)],
            "last_ms": _text(running.last_ms),
            "meter_register": describe(running.meter_register),
            "open": {kind.value: _save_period(item) for kind, item in running.open.items()},
            "pending": [*sorted(running.pending)],
            "running": _text(running.running),
            "type": STATE,
        }
    )


def load_rollup(
    raw: bytes, *, meter_register: MeterRegister, kinds: Iterable[PeriodKind]
) -> RollUp:
    """Take up a roll-up again.

    Args:
        raw: What ``save_rollup`` gave.
        meter_register: The description that was used then.
        kinds: The kinds of period that were wanted then.

    Raises:
        SeriesError: The state is of another version, meter register or choice of kinds, or damaged:
            feed the series again from its beginning.
        InputError: It is not canonical JSON.
    """
    state = decode_object(raw)
    running = RollUp(meter_register, kinds=kinds)
    wanted = {
        "kinds": sorted(kind.value for kind in running.kinds),
        "meter_register": describe(meter_register),
        "type": STATE,
    }
    for name, expected in wanted.items():
        if state.get(name) != expected:
            raise _unusable(name)
    try:
        running.counter = _load_counter(state["counter"])
        running.last_ms = _number(state["last_ms"])
        running.running = _whole(state["running"])
        running.pending = set(_strings(state["pending"]))
        periods = _object(state["open"])
        running.open = {PeriodKind(kind): _load_period(item) for kind, item in periods.items()}
    except (KeyError, ValueError) as error:
        raise _unusable("state") from error
    return running


def describe(meter_register: MeterRegister) -> JsonObject:
    """What of a meter register decides its totals."""
    return {
        "capacity": _text(meter_register.capacity),
        "interval_s": meter_register.interval_s,
        "kind": meter_register.kind,
        "max_rate": _text(meter_register.max_rate),
        "name": meter_register.name,
        "scale": meter_register.scale,
        "unit": meter_register.unit,
    }


def _save_counter(counter: CounterState) -> JsonObject:
    return {
        "at_ms": _text(counter.at_ms),
        "before_drop": _text(counter.before_drop),
        "digest": to_base64url(counter.digest),
        "restarted": counter.restarted,
        "value": _text(counter.value),
    }


def _load_counter(state: JsonValue) -> CounterState | None:
    if state is None:
        return None
    fields = _object(state)
    return CounterState(
        at_ms=_whole(fields["at_ms"]),
        before_drop=_number(fields["before_drop"]),
        digest=from_base64url(_string(fields["digest"]), size=None, field="digest"),
        restarted=fields["restarted"] is True,
        value=_whole(fields["value"]),
    )


def _save_period(period: OpenPeriod) -> JsonObject:
    numbers: JsonObject = {name: _text(getattr(period, name)) for name in _NUMBERS}
    return {**numbers, "flags": [*sorted(period.flags)]}


def _load_period(state: JsonValue) -> OpenPeriod:
    fields = _object(state)
    return OpenPeriod(
        begin_ms=_whole(fields["begin_ms"]),
        until_ms=_whole(fields["until_ms"]),
        opening=_number(fields["opening"]),
        low=_number(fields["low"]),
        high=_number(fields["high"]),
        least_step=_number(fields["least_step"]),
        greatest_step=_number(fields["greatest_step"]),
        sample_sum=_whole(fields["sample_sum"]),
        samples=_whole(fields["samples"]),
        slots=_whole(fields["slots"]),
        last_slot=_whole(fields["last_slot"]),
        parts=_whole(fields["parts"]),
        flags=set(_strings(fields["flags"])),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: JsonValue) -> int | None:
    return None if value is None else _whole(value)


def _whole(value: JsonValue) -> int:
    return int(_string(value))


def _string(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise _unusable("state")
    return value


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise _unusable("state")
    return value


def _strings(value: JsonValue) -> list[str]:
    if not isinstance(value, list):
        raise _unusable("state")
    return [_string(item) for item in value]


def _unusable(name: str) -> SeriesError:
    return SeriesError(
        "{field}: the stored roll-up cannot be taken up with it",
        field=name,
        remedy="feed the series again from its beginning",
        code="series.state",
    )
