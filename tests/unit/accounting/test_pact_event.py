"""Events of PACT 3: what is taken, and each refusal by the defect that it names."""

from typing import Any

import pytest
from support.pact import KIND

from trace_node.accounting.pact.errors import CriteriaError, EventError, EventTypeError
from trace_node.accounting.pact.event import EventType, parse_event

ID = "3a6c14a7-4deb-498a-b5ea-16ce2535b576"


def event(kind: str = "PublishedEvent.3", data: Any = None, **changes: Any) -> dict[str, Any]:
    return {
        "type": KIND + kind,
        "specversion": "1.0",
        "id": "e1",
        "source": "//partner.example/3/events",
        "time": "2026-11-01T08:00:00Z",
        "data": {"pfIds": [ID]} if data is None else data,
    } | changes


def footprint(**changes: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "specVersion": "3.0.0",
        "created": "2026-01-01T00:00:00Z",
        "status": "Active",
        "companyName": "Partner",
        "companyIds": ["urn:a"],
        "productIds": ["urn:b"],
        "later": "a member of a later revision",
        "pcf": {
            "declaredUnitOfMeasurement": "kilogram",
            "declaredUnitAmount": "1",
            "productMassPerDeclaredUnit": "1",
            "referencePeriodStart": "2025-01-01T00:00:00Z",
            "referencePeriodEnd": "2026-01-01T00:00:00Z",
            "pcfExcludingBiogenicUptake": "-1",
            "pcfIncludingBiogenicUptake": "-2",
            "fossilGhgEmissions": "1",
            "fossilCarbonContent": "1",
            "ipccCharacterizationFactors": ["AR5"],
            "crossSectoralStandards": ["A-later-standard"],
            "exemptedEmissionsPercent": "1",
        },
    } | changes


def test_each_of_the_four_is_read_and_written_alike() -> None:
    several = [
        event(),
        event("RequestCreatedEvent.3", {"productId": ["urn:a"], "validOn": "2026-01-01T00:00:00Z"}),
        event("RequestFulfilledEvent.3", {"requestEventId": "r", "pfs": [footprint()]}),
        event(
            "RequestRejectedEvent.3",
            {"requestEventId": "r", "error": {"code": "NotFound", "message": "none"}},
        ),
    ]
    read = [parse_event(each) for each in several]
    assert {each.type for each in read} == set(EventType)
    assert [each.to_json() for each in read] == several
    assert read[2].request == "r"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([], "event"),
        (event(specversion="0.3"), "event.specversion"),
        (event(id=""), "event.id"),
        (event(id="x" * 300), "id"),
        (event(id=7), "event.id"),
        (event(time="yesterday"), "event.time"),
        (event(data=[]), "data"),
        (event(data={}), "data.pfIds"),
        (event(data={"pfIds": []}), "data.pfIds"),
        (event(data={"pfIds": ["urn:gtin:4712345060507"]}), "data.pfIds[0]"),
        (event("RequestCreatedEvent.3", {"colour": "red"}), "data.colour"),
        (event("RequestCreatedEvent.3", {"productId": [7]}), "data.productId"),
        (event("RequestCreatedEvent.3", {"validOn": "2026"}), "data.validOn"),
        (event("RequestFulfilledEvent.3", {"requestEventId": "r", "pfs": []}), "data.pfs"),
        (event("RequestFulfilledEvent.3", {"pfs": [footprint()]}), "data.requestEventId"),
        (
            event("RequestFulfilledEvent.3", {"requestEventId": "r", "pfs": [footprint(id="x")]}),
            "data.pfs[0].id",
        ),
        (
            event("RequestFulfilledEvent.3", {"requestEventId": "r", "pfs": [footprint(pcf={})]}),
            "data.pfs[0].pcf.declaredUnitOfMeasurement",
        ),
        (
            event("RequestRejectedEvent.3", {"requestEventId": "r", "error": {"code": "Oops"}}),
            "data.error.code",
        ),
        (event(type="com.example.thing"), "type"),
    ],
)
def test_a_defect_is_named(given: Any, field: str) -> None:
    with pytest.raises(EventError) as refusal:
        parse_event(given)
    assert refusal.value.field == field
    assert not isinstance(refusal.value, EventTypeError | CriteriaError)


@pytest.mark.parametrize(
    "kind",
    [
        "org.wbcsd.pathfinder.ProductFootprint.Published.v1",
        "org.wbcsd.pact.ProductFootprint.PublishedEvent.4",
    ],
)
def test_an_event_of_another_version_is_not_implemented(kind: str) -> None:
    with pytest.raises(EventTypeError):
        parse_event(event(type=kind))
