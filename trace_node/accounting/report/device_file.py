"""What the log does not say of the devices behind activity data: model, place, accuracy (TOML).

Standard 002, 12.2 asks for it in the source-data table; docs/spec/report.md has an example.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trace_node.accounting.table import Table
from trace_node.toml_text import read_toml

MAX_BYTES: Final = 1_048_576
_MAX_LINE_BYTES: Final = 2_000
_FORM: Final = "docs/spec/report.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A measuring device, or the document of entered data.

    Attributes:
        name: Its name.
        model: Its type.
        location: Where it is.
        accuracy: Accuracy class or stated uncertainty.
        calibration: Prescribed interval of calibration.
        calibrated_until: Until when the certificate holds; empty for none.
    """

    name: str
    model: str
    location: str
    accuracy: str
    calibration: str
    calibrated_until: str


def read_devices(raw: bytes, *, file: str) -> Mapping[str, Device]:
    """Read the devices, by the name of their activity data in the boundary.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML.
        LibraryFileError: A table breaks the form; the message names place and key.
    """
    top = read_toml(raw, file=file, most=MAX_BYTES, most_in_a_line=_MAX_LINE_BYTES)
    table = Table(top, file, _FORM)
    found: dict[str, Device] = {}
    for item in table.tables("device"):
        point = item.text("point")
        if point in found:
            raise item.refusal("point", f"{point[:40]} is described twice")
        found[point] = Device(
            name=item.text("name"),
            model=item.text("model"),
            location=item.text("location"),
            accuracy=item.text("accuracy"),
            calibration=item.text("calibration"),
            calibrated_until=item.text("calibrated_until", default=""),
        )
        item.end()
    table.end()
    return found
