"""Levels of emission as a file (TOML): the members of the record, what is empty left out."""

from typing import Final

from trace_node.accounting.outlook.rating import DEFAULT_ORDER
from trace_node.accounting.records.emission_levels import EmissionLevels
from trace_node.canonical_json import JsonObject
from trace_node.ids import OrganisationId
from trace_node.record.fields import require_keys
from trace_node.record.writing import write_bytes
from trace_node.toml_text import read_toml

MAX_BYTES: Final = 65_536
MAX_LINE_BYTES: Final = 2_000
_EMPTY: Final[JsonObject] = {
    "advanced": None,
    "gwp_set": None,
    "order": [each.value for each in DEFAULT_ORDER],
    "output": None,
    "plan": {},
    "sector": None,
    "thresholds": None,
}


def read_levels_file(
    raw: bytes, *, file: str, organisation: OrganisationId, evidence: bytes
) -> EmissionLevels:
    """Read levels of emission.

    Args:
        raw: The file.
        file: Its name in errors.
        organisation: Whose emission it is.
        evidence: 32-byte SM3 of the decision itself.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML.
        RecordError: A member breaks its rule, is missing or unknown.
        OutlookError: The thresholds fall.
    """
    top: JsonObject = {**read_toml(raw, file=file, most=MAX_BYTES, most_in_a_line=MAX_LINE_BYTES)}
    own: JsonObject = {"evidence": write_bytes(evidence), "organisation": organisation}
    require_keys({**_EMPTY, **top}, EmissionLevels.KEYS - own.keys())
    return EmissionLevels.from_fields({**_EMPTY, **top, **own})
