"""A unit of 100 sources of three gases: figures and their uncertainties are logged, or neither is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from support.accounts import DIESEL, accounts, log_boundary, log_content, request
from support.assessments import accuracy
from support.builders import ORGANISATION, key
from support.plant import Plant, plant, statement_log
from support.small_methods import NAMES
from support.stores import new_store

from trace_node import canonical_json
from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.arithmetic import quadrature
from trace_node.accounting.methods.method_form import read_method
from trace_node.accounting.records.accuracy import SubjectKind
from trace_node.accounting.records.releases import MethodRelease
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import MAX_RECORD_BYTES
from trace_node.errors import TooLargeError
from trace_node.period import parse_period
from trace_node.record.statement import Content, size_of
from trace_node.services.log_statement import signed_statement
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.recompute_beside import recompute_beside
from trace_node.services.uncertainties import beside

SOURCES = 100
BOUND = 12_000
GASES = {"CO2": "3.1", "CH4": "0.0004", "N2O": "0.0002"}


def _terms() -> list[dict[str, Any]]:
    return [
        {
            "id": f"E_{gas}", "table": "fuels", "formula": f"m * EF_{gas}", "unit": f"t{gas}",
            "mark": "O", "clause": "example", "category": "burning", "gas": gas, **NAMES,
        }
        for gas in GASES
    ]  # fmt: skip


def _constants() -> list[dict[str, Any]]:
    return [
        {
            "id": f"EF_{gas}", "source": "constant", "unit": f"t{gas}/t[fuel]", "value": value,
            **NAMES,
        }
        for gas, value in GASES.items()
    ]  # fmt: skip


METHOD = read_method(
    {
        "id": "own.boilers",
        "version": 1,
        "source": "example",
        "literal": "E = sum m * EF",
        "missing_data": "none",
        **NAMES,
        "categories": [{"id": "burning", "scope": 1, "group": "combustion", **NAMES}],
        "tables": [{"id": "fuels", **NAMES}],
        "symbols": [
            {"id": "m", "table": "fuels", "source": "activity", "item": "fuel_quantity",
             "unit": "t[fuel]", **NAMES},
            *_constants(),
        ],
        "steps": _terms(),
        "totals": [
            {"id": purpose, "purpose": purpose, "unit": "tCO2e", "gwp_set": "SAR",
             "gwp_scheme": "ipcc.sar", "add": [f"E_{gas}" for gas in GASES], **NAMES}
            for purpose in ("enterprise", "ets", "footprint", "iso14064")
        ],
    },
    place="example",
)  # fmt: skip
BOUNDARY = DIESEL[: DIESEL.index("[[industries]]")] + (
    '[[industries]]\nunit = "works"\nmethod = "own.boilers@1"\nnot_occurring = {}\n'
    + "".join(
        f"""
[[sources]]
id = "s{n:03}"
unit = "works"
method = "own.boilers@1"
category = "burning"
title = "锅炉 {n}"
iso14064 = 1
[[entries]]
name = "fuel.s{n:03}"
source = "s{n:03}"
[[feeds]]
source = "s{n:03}"
symbol = "m"
point = "fuel.s{n:03}"
"""
        for n in range(SOURCES)
    )
)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """What each boiler burnt, and how far its scale may err by a certificate of its own."""
    folder = tmp_path_factory.mktemp("log")
    with new_store("sqlite", folder) as store, plant(store) as here:
        log_content(here, MethodRelease.of(METHOD), by="authority")
        log_boundary(here, BOUNDARY)
        log, signer = statement_log(here), key("node")
        contents = [one for n in range(SOURCES) for one in (burnt(n), worth(n))]
        with ThreadPoolExecutor(16) as pool:  # so that many share a commit
            sign = partial(signed_statement, signer=signer, clock=here.clock)
            list(pool.map(lambda content: log.take(sign(content)), contents))
        yield here


def burnt(n: int) -> Content:
    return ActivityEntry(
        organisation=ORGANISATION, activity=f"fuel.s{n:03}", source=f"s{n:03}",
        period=parse_period("2026-09"), quantity=Decimal(f"{142 + n}.857"), unit="t",
        standing=Standing.FINAL, document="stock book", evidence=bytes(32), entered_by="王芳",
        replaces=None,
    )  # fmt: skip


def worth(n: int) -> Content:
    part = {"by": "certificate", "limit": "0.013", "k": "2", "document": f"检定证书 JD-{n:05}"}
    return accuracy(f"fuel.s{n:03}", part, subject=SubjectKind.POINT)


def size(here: Plant) -> int:
    return here.store.reader().state().size


def test_100_sources_of_three_gases_and_four_figures_have_an_uncertainty(here: Plant) -> None:
    """[S3-7.4.3-3]: each in its budget, evaluated again to the same digits."""
    (done,) = accounts(here).account(request("2026-09"))
    assert len(done.emission.items) == SOURCES * len(GASES)
    assert done.uncertainty is not None
    record = done.uncertainty.record
    assert [len(each.contributions) for each in record.budgets] == [SOURCES] * 4
    body = here.store.reader().entry(done.uncertainty.index).body
    assert len(body) < MAX_RECORD_BYTES // 2
    assert len(canonical_json.encode(record.to_json())) > MAX_RECORD_BYTES  # member by member
    assert beside(done.emission, done.index, store=here.store) == done.uncertainty
    found = figures_of_log(here.store).recompute(done.index)
    assert recompute_beside(found, done.index, method=METHOD, store=here.store) == done.uncertainty
    for budget in record.budgets:
        each = [one.contribution for one in budget.contributions]
        assert abs(budget.u / quadrature(each) - 1) < Decimal("1e-10")  # scales err apart
        assert abs(sum(one.share for one in budget.contributions) - 1) < Decimal("1e-9")


def test_what_does_not_fit_into_a_leaf_is_refused_before_anything_is_logged(
    here: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure without its uncertainty would be a figure that says it is exact."""
    before = size(here)
    monkeypatch.setattr(canonical_json, "MAX_RECORD_BYTES", BOUND)
    with pytest.raises(TooLargeError) as refused:
        accounts(here).account(request("2026-09"))
    assert refused.value.reason == "record.too_large"
    told = str(refused.value)
    assert all(word in told for word in ("uncertainty@1", "4 figures with 100 errors", str(BOUND)))
    assert "two accounting units" in refused.value.remedy
    assert size(here) == before


def test_a_size_is_never_less_than_the_bytes(here: Plant) -> None:
    """Whatever salt, time, signature and leaf come to."""
    (done,) = accounts(here).account(request("2026-09"))
    assert done.uncertainty is not None
    for index, content in (
        (done.index, done.emission),
        (done.uncertainty.index, done.uncertainty.record),
    ):
        body = here.store.reader().entry(index).body
        assert len(body) <= size_of(content) < len(body) + 100
