"""The canonical form of a ``reading@1`` as a regular expression, for fast readers and the writer.

The keys of a reading are fixed and sorted, and no permitted value needs an escape: its canonical
form is a regular language. Three rules lie beyond it: the unit is known and ``seq`` is below 2^53
(``is_plausible``), and the day and hour of a time exist (``form_values.milliseconds``).
"""

import re
from typing import Final

from trace_node.canonical_json import MAX_INTEGER
from trace_node.record.fields import MAX_DIGITS, MAX_SCALE
from trace_node.units import UNITS

_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"
_TIME: Final = r"(?:19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
# The last character of the canonical spelling has its unused bits zero.
_B32: Final = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_B16: Final = r"[A-Za-z0-9_-]{21}[AQgw]"
_SEQ: Final = r"0|[1-9]\d{0,15}"


def _form(*kept: str) -> str:
    """The form, with a named group around each of the members ``kept``; one is the reason."""

    def value_of(member: str, pattern: str) -> str:
        return f"(?P<{member}>{pattern})" if member in kept else f"(?:{pattern})"

    decimals = value_of("decimals", rf"\d{{1,{MAX_SCALE}}}")
    number = value_of("value", rf"-?(?:0|[1-9]\d{{0,{MAX_DIGITS - 1}}})(?:\.{decimals})?")
    bounds = rf'(?=-?[\d.]{{1,{MAX_DIGITS + 1}}}")(?!-0(?:\.0+)?")'  # so many digits; no minus zero
    return (
        rf'\{{"boot":"{value_of("boot", _B16)}"'
        rf',"clock":"{value_of("clock", "synchronised|unsynchronised|unknown")}"'
        rf',"collected_at":"{value_of("collected_at", _TIME)}"'
        rf',"context":"{value_of("context", _B32)}"'
        rf',"device":"{value_of("device", _NAME)}"'
        rf',"meter_register":"{value_of("meter_register", _NAME)}"'
        rf',"observed_at":"{value_of("observed_at", _TIME)}"'
        rf',"observed_by":"{value_of("observed_by", "meter|collector")}"'
        rf',"origin":"{value_of("origin", "modbus-tcp|modbus-rtu|simulator|replay|manual")}"'
        rf',"prev":(?:"{value_of("prev", _B32)}"|null),"raw":(?:"{_B32}"|null)'
        rf',"reason":(?:"{value_of("reason", "[a-z][a-z0-9_.]{0,47}")}"|null),"salt":"{_B16}"'
        rf',"seq":{value_of("seq", _SEQ)},"type":"reading@1"'
        rf',"unit":"{value_of("unit", "[!-~]{1,16}")}"'
        rf',"value":(?(reason)null|"{bounds}{number}")\}}'
    )


_ONE: Final = (
    *("boot", "clock", "collected_at", "context", "device", "meter_register", "observed_at"),
    *("observed_by", "origin", "prev", "reason", "seq", "unit", "value", "decimals"),
)
_MANY: Final = (
    *("boot", "collected_at", "context", "device", "meter_register", "observed_at"),
    *("reason", "seq", "unit", "decimals"),
)

READING_FORM: Final = re.compile(_form(*_ONE), re.ASCII)
"""One reading; its groups are those of ``_ONE``, in that order, None where the member is null."""

READING_LINES: Final = re.compile(rf"^(?:{_form(*_MANY)}|(.*))$", re.ASCII | re.MULTILINE)
"""Each line of a text: the groups of ``_MANY``, or else the whole line in the one after them.

``findall`` gives exactly one row a line, with empty strings where a member is null.
"""


def is_plausible(*, unit: str, seq: int) -> bool:
    """Whether the unit is known and ``seq`` is in its range."""
    return unit in UNITS and seq <= MAX_INTEGER
