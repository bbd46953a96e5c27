"""What a partner's PACT data set tells of a bought batch, and what of it cannot be used."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.pact import document

from trace_node.accounting.pact.errors import FootprintDocumentError
from trace_node.accounting.pact.supply import told_by

BOUGHT = datetime(2026, 11, 1, tzinfo=UTC)
PCF = "footprint__pcf__"


def sent(status: str = "Active", **changes: Any) -> dict[str, Any]:
    return {"status": status, **document(**changes)["footprint"]}


def test_the_value_is_per_tonne_whatever_unit_was_declared() -> None:
    """0.1203 kg per kilogram; 2.5 kg of CO2e for a piece of 8 kg is 312.5 kg per tonne."""
    assert told_by(sent(), on=BOUGHT) == {
        "gwp_set": "AR6",
        "primary_share": "0.875",
        "ratings": {"geography": "1", "technology": "1.5", "time": "2"},
        "source": "pact",
        "value": "120.300000000",
    }
    pieces = {
        PCF + "declaredUnitOfMeasurement": "piece",
        PCF + "productMassPerDeclaredUnit": "8",
        PCF + "pcfExcludingBiogenicUptake": "2.5",
        PCF + "primaryDataShare": None,
        PCF + "dqi": None,
    }
    told = told_by(sent(**pieces), on=BOUGHT)
    assert (told["value"], told["primary_share"], told["ratings"]) == ("312.500000000", "0", None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "Deprecated"}, "status"),
        ({PCF + "ipccCharacterizationFactors": ["AR5"]}, "ipccCharacterizationFactors"),
        ({PCF + "ipccCharacterizationFactors": ["AR5", "AR6"]}, "ipccCharacterizationFactors"),
        ({PCF + "productMassPerDeclaredUnit": "0"}, "productMassPerDeclaredUnit"),
        ({PCF + "pcfExcludingBiogenicUptake": "-1"}, "pcfExcludingBiogenicUptake"),
        ({"footprint__validityPeriodEnd": "2026-10-31T00:00:00Z"}, "validityPeriod"),
        ({PCF + "referencePeriodEnd": "2023-01-01T00:00:00Z"}, "validityPeriod"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_member(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(FootprintDocumentError) as caught:
        told_by(sent(**changes), on=BOUGHT)
    assert field in caught.value.message
    assert caught.value.remedy
