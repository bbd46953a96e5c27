"""The canonical form of a ``reading@1`` as one regular expression, for the fast reader and writer.

The keys of a reading are fixed and sorted, and no permitted value needs an escape: its canonical
form is a regular language. The few rules beyond it (a known unit, at most 18 digits, no minus zero,
a ``seq`` below 2^53, exactly one of value and reason) are ``scaled_value`` and ``is_plausible``.
"""

import re
from typing import Final

from trace_node.canonical_json import MAX_INTEGER
from trace_node.record.fields import MAX_DIGITS, MAX_SCALE
from trace_node.units import UNITS

_NAME = r"([A-Za-z0-9][A-Za-z0-9._:-]{0,63})"
_TIME = r"((?:19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"
# The last character of the canonical spelling has its unused bits zero.
_B32 = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_B16 = r"[A-Za-z0-9_-]{21}[AQgw]"

# Groups: boot, clock, collected_at, context, device, meter_register, observed_at, observed_by,
# origin, prev, reason, seq, unit, value, then the value's sign, whole digits and decimals.
READING_FORM: Final = re.compile(
    rf'\{{"boot":"({_B16})",'
    r'"clock":"(synchronised|unsynchronised|unknown)",'
    rf'"collected_at":"{_TIME}",'
    rf'"context":"({_B32})",'
    rf'"device":"{_NAME}",'
    rf'"meter_register":"{_NAME}",'
    rf'"observed_at":"{_TIME}",'
    r'"observed_by":"(meter|collector)",'
    r'"origin":"(modbus-tcp|modbus-rtu|simulator|replay|manual)",'
    rf'"prev":(?:"({_B32})"|null),'
    rf'"raw":(?:"{_B32}"|null),'
    r'"reason":(?:"([a-z][a-z0-9_.]{0,47})"|null),'
    rf'"salt":"{_B16}",'
    r'"seq":(0|[1-9]\d{0,15}),'
    r'"type":"reading@1",'
    r'"unit":"([!-~]{1,16})",'
    rf'"value":(?:"((-?)(0|[1-9]\d{{0,17}})(?:\.(\d{{1,{MAX_SCALE}}}))?)"|null)\}}',
    re.ASCII,
)


def is_plausible(*, value: str | None, reason: str | None, unit: str, seq: str) -> bool:
    """Whether one of value and reason is there, the unit is known and seq is in its range."""
    return (value is None) != (reason is None) and unit in UNITS and int(seq) <= MAX_INTEGER


def scaled_value(sign: str, whole: str, decimals: str | None) -> int | None:
    """The digits of a value as one integer; None for a minus zero or more than 18 digits."""
    digits = whole + decimals if decimals else whole
    scaled = int(sign + digits)
    return None if len(digits) > MAX_DIGITS or (sign and not scaled) else scaled
