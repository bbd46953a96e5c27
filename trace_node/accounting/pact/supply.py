"""A footprint that a partner sent by PACT, as what a supplier tells of a batch."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from trace_node.accounting.arithmetic import half_up, precise
from trace_node.accounting.pact import values as v
from trace_node.accounting.pact.draft import GWP, validity
from trace_node.canonical_json import JsonObject

_PLACES: Final = 9
_KG_PER_T: Final = Decimal(1000)
_PERCENT: Final = Decimal(100)


def told_by(document: Mapping[str, Any], *, on: datetime) -> JsonObject:
    """Members of a supplier footprint that a ProductFootprint states: value, share and quality.

    Args:
        document: A ProductFootprint, its required members checked.
        on: When the batch was bought; the footprint has to be valid then.

    Raises:
        FootprintDocumentError: It is deprecated or not valid, was made with another GWP set, or
            has no mass that a tonne could be computed from.
    """
    pcf = document["pcf"]
    if document["status"] != "Active":
        v.refuse_document("status", "must be Active: ask for the newer version")
    if pcf["ipccCharacterizationFactors"] != GWP:
        v.refuse_document(
            "pcf.ipccCharacterizationFactors", "must be AR6 alone; no figure of another set enters"
        )
    start, end = validity(document)
    if not start <= on <= end:
        v.refuse_document(
            "validityPeriodStart",
            "and end must enclose {on}, when the batch was bought",
            on=on.date().isoformat(),
        )
    mass = v.amount(pcf["productMassPerDeclaredUnit"])
    if mass <= 0:
        v.refuse_document("pcf.productMassPerDeclaredUnit", "must be more than zero")
    figure = v.amount(pcf["pcfExcludingBiogenicUptake"])
    if figure < 0:
        v.refuse_document("pcf.pcfExcludingBiogenicUptake", "must be at least 0: nothing is netted")
    with precise():
        value = half_up(figure / mass * _KG_PER_T, _PLACES)
        share = v.amount(pcf.get("primaryDataShare")) / _PERCENT
    return {
        "gwp_set": GWP[0],
        "primary_share": f"{share:f}",
        "ratings": _ratings(pcf.get("dqi")),
        "source": "pact",
        "value": f"{value:f}",
    }


def _ratings(dqi: Mapping[str, Any] | None) -> JsonObject | None:
    if dqi is None:
        return None
    return {
        "geography": dqi["geographicalDQR"],
        "technology": dqi["technologicalDQR"],
        "time": dqi["temporalDQR"],
    }
