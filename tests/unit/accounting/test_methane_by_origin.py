"""Methane that a record tells apart by origin keeps it in a stage, and its own potential."""

from dataclasses import replace
from decimal import Decimal

import pytest
from support.emission_samples import emission
from support.footprints import ITEM

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.figures import Potentials
from trace_node.accounting.footprint.words import Origin, Stage
from trace_node.accounting.records.emission_form import items_in_order
from trace_node.services.footprint_emission import stage_of_emission

AR6 = Potentials(packaged_factors(), "AR6")


@pytest.mark.parametrize(
    ("gas", "biogenic", "origin", "weight"),
    [
        ("CH4_fossil", (), Origin.FOSSIL, "29.8"),
        ("CH4_fossil", ("trucks",), Origin.FOSSIL, "29.8"),
        ("CH4_nonfossil", (), Origin.BIOGENIC, "27.0"),
        ("CH4", (), Origin.FOSSIL, "29.8"),
        ("CH4", ("trucks",), Origin.BIOGENIC, "27.0"),
        ("CO2", ("trucks",), Origin.FOSSIL, "1"),
    ],
)
def test_the_name_of_the_gas_says_its_origin(
    gas: str, biogenic: tuple[str, ...], origin: Origin, weight: str
) -> None:
    known = emission()
    items = items_in_order(replace(each, gas=gas) for each in known.items)
    stage = stage_of_emission(
        replace(known, items=items),
        EvidenceLink(1, bytes(32)),
        stage=Stage.MINING,
        item=ITEM,
        relative_u=Decimal("0.01"),
        biogenic=biogenic,
    )
    (line,) = (each for each in stage.lines if each.source == "trucks")
    assert (line.gas, line.origin) == (gas, origin)
    assert AR6.of(line.gas, line.origin).value == Decimal(weight)
