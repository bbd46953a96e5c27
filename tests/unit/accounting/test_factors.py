"""The factor library: one row or a reason, immutable, and the same digests for ever."""

import hashlib
from collections import Counter
from dataclasses import FrozenInstanceError, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from trace_node.accounting.errors import (
    FactorAmbiguousError,
    FactorNotFoundError,
    FactorUnusableError,
    LibraryFileError,
)
from trace_node.accounting.factors.factor_file import packaged_factors, read_factors
from trace_node.accounting.factors.library import FactorLibrary, merged
from trace_node.accounting.factors.query import FactorQuery
from trace_node.accounting.factors.row import FactorKind, FactorRow, FactorStatus
from trace_node.canonical_json import decode_object
from trace_node.crypto.sm3 import sm3

ROOT = Path(__file__).resolve().parents[3]
ON = date(2025, 12, 31)


def ask(**members: object) -> FactorQuery:
    whole = {"method": "m@1", "on": ON, "substance": "", **members}
    return FactorQuery(**whole)  # type: ignore[arg-type]


def grid(**members: object) -> FactorQuery:
    return ask(scheme="cn.grid.average", kind=FactorKind.GRID, substance="electricity", **members)


def row(row_id: str = "own.grid", **members: object) -> FactorRow:
    template = packaged_factors().row("cn.grid.avg.national.2023")
    return replace(template, id=row_id, **members)


def test_counts_per_status_and_confidence() -> None:
    """S2-9.2-1."""
    rows = list(packaged_factors())
    assert Counter(one.status.value for one in rows) == {
        "active": 222,
        "draft": 501,
        "forbidden": 1,
    }
    assert Counter(one.confidence.value for one in rows) == {"high": 260, "medium": 461, "low": 3}


def test_every_row_has_a_digest_of_its_own_that_follows_from_its_members() -> None:
    rows = list(packaged_factors())
    assert len({one.digest for one in rows}) == len(rows) == 724
    for one in rows:
        assert decode_object(one.canonical) == one.to_json()
        assert one.digest == sm3(one.canonical)


def test_the_whole_library_is_what_it_was_when_it_was_typed() -> None:
    every = hashlib.sha256()
    for one in sorted(packaged_factors(), key=lambda found: found.id):
        every.update(one.canonical + b"\n")
    assert every.hexdigest() == LIBRARY_SHA256


def test_a_draft_answers_and_says_so() -> None:
    found = packaged_factors().find(grid(region="CN", year=2021))
    assert (found.value, found.status) == (Decimal("0.5568"), FactorStatus.DRAFT)


@pytest.mark.parametrize(
    ("query", "error", "code", "told"),
    [
        (grid(region="KR"), FactorNotFoundError, "accounting.factor.region", "CN-BJ"),
        (grid(region="CN"), FactorAmbiguousError, "accounting.factor.ambiguous", "national.2022"),
        (grid(region="CN", year=2030), FactorNotFoundError, "accounting.factor.year", "2023"),
        (
            ask(scheme="cn.tce", kind=FactorKind.EF, substance="diesel"),
            FactorUnusableError,
            "accounting.factor.forbidden",
            "forbidden.tce.ef.diesel",
        ),
        (
            ask(scheme="ipcc.ar5", kind=FactorKind.GWP, substance="CH4", gwp_set="AR6"),
            FactorNotFoundError,
            "accounting.factor.gwp_set",
            "AR5",
        ),
        (
            ask(
                scheme="cn.ndrc.coal.2014",
                kind=FactorKind.DENSITY,
                substance="CH4",
                basis="20 degC, 1 atm",
            ),
            FactorNotFoundError,
            "accounting.factor.state",
            "0 degC",
        ),
        (
            ask(scheme="cn.ets.steel.2024", kind=FactorKind.NCV, substance="coke", basis="dry"),
            FactorNotFoundError,
            "accounting.factor.basis",
            "as received",
        ),
        (
            ask(scheme="cn.ets.steel.2024", kind=FactorKind.NCV, substance="straw"),
            FactorNotFoundError,
            "accounting.factor.none",
            "evidence",
        ),
    ],
)
def test_a_query_without_one_answer_says_which_member_stands_in_the_way(
    query: FactorQuery, error: type[Exception], code: str, told: str
) -> None:
    with pytest.raises(error) as caught:
        packaged_factors().find(query)
    assert caught.value.reason == code
    assert told in caught.value.message + caught.value.remedy


def test_a_factor_outside_its_days_is_refused() -> None:
    library = FactorLibrary([row(valid_from=date(2023, 1, 1), valid_to=date(2024, 12, 31))])
    with pytest.raises(FactorUnusableError, match="2025-12-31") as caught:
        library.find(grid(region="CN"))
    assert caught.value.reason == "accounting.factor.expired"
    assert library.find(replace(grid(region="CN"), on=date(2024, 6, 1)))


def test_a_correction_takes_the_place_of_the_old_row_which_old_results_still_find() -> None:
    old = row("own.grid.1")
    new = row("own.grid.2", value=Decimal("0.5"), supersedes="own.grid.1")
    library = FactorLibrary([old, new])
    assert library.find(grid(region="CN")) is new
    assert library.status_of(old) is FactorStatus.SUPERSEDED
    assert library.by_digest(old.digest) is old
    with pytest.raises(FactorUnusableError) as caught:
        library.find(grid(region="CN", row="own.grid.1"))
    assert caught.value.reason == "accounting.factor.superseded"


def test_one_fuel_has_another_value_in_each_guideline() -> None:
    values = {
        scheme: packaged_factors()
        .find(ask(scheme=scheme, kind=FactorKind.NCV, substance="bituminous"))
        .value
        for scheme in (
            "cn.ets.steel.2024",
            "cn.ets.power.2024",
            "cn.ndrc.other.2015",
            "cn.ndrc.aviation.2013",
        )
    }
    assert [str(value) for value in values.values()] == ["23.736", "23.076", "23.204", "22.35"]


def test_rows_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        row().value = Decimal(1)  # type: ignore[misc]


def test_a_plant_adds_rows_but_never_a_second_one_of_an_id() -> None:
    assert len(merged(packaged_factors(), [row()])) == 725
    with pytest.raises(LibraryFileError, match="twice"):
        merged(packaged_factors(), [row("cn.grid.avg.national.2023")])


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ('status = "active"', "second source"),
        ('status = "draft"\nvalue2 = "1"', "value2"),
        ('status = "approved"', "status"),
        ('status = "draft"\ngwp_set = "AR6"', "gwp_set"),
        ('status = "draft"\nvalid_from = 2025-01-02\nvalid_to = 2025-01-01', "valid_to"),
    ],
)
def test_a_factor_file_is_read_strictly(broken: str, told: str) -> None:
    text = f"""
scheme = "own"
[[factor]]
id = "own.ef"
name_zh = "因子"
name_en = "factor"
kind = "ef"
value = "1.50"
unit = "tCO2/t"
source = "a measurement"
confidence = "low"
{broken}
"""
    with pytest.raises(LibraryFileError, match=told):
        read_factors(text.encode(), file="own.toml")


def test_the_example_of_the_specification_is_read() -> None:
    text = (ROOT / "docs" / "spec" / "factor-library.md").read_text(encoding="utf-8")
    (found,) = read_factors(text.split("```toml")[1].split("```")[0].encode(), file="spec")
    assert found.value == packaged_factors().row(found.id).value


LIBRARY_SHA256 = "06ee3236a8cfcf8e827894d088cf0feb8c743f2ab874bc1e285a36c01ad91db4"
