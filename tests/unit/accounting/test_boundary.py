"""A boundary: its page, its form, and what is refused with which code."""

import re
from pathlib import Path

import pytest
from support.accounts import GRID

from trace_node.accounting.boundary.boundary import Boundary, in_force
from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.boundary.errors import BoundaryNotFoundError
from trace_node.accounting.records.emission import Emission
from trace_node.errors import InputError
from trace_node.period import parse_period

SPEC = Path(__file__).resolve().parents[3] / "docs" / "spec"
PAGE = (SPEC / "boundary.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```toml boundary\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def read(text: str) -> Boundary:
    return read_boundary_file(text.encode(), file="boundary.toml")


def test_the_example_of_the_page_is_a_boundary_and_comes_back_as_it_was() -> None:
    """[S2-9.3-a] [S2-9.3-b] [S2-9.3-c] [S2-9.3-d] [S2-9.3-e] [S2-9.3-2] [S0-5.1.2-a] [S0-5.1.1-b1]"""
    boundary = read(EXAMPLE)
    assert boundary.entity.proofs[0].title == "营业执照"
    assert [each.controlled for each in boundary.places] == [True]
    assert Boundary.from_fields(boundary.to_fields()) == boundary


def test_the_pages_have_a_row_for_every_member() -> None:
    emission = (SPEC / "emission.md").read_text(encoding="utf-8")
    for page, members in ((PAGE, Boundary.KEYS), (emission, Emission.KEYS)):
        rows = " ".join(re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE))
        for member in members:
            assert f"`{member}`" in rows, member


SECOND_METER = GRID.replace(
    '[[feeds]]\nsource = "grid"\nsymbol = "EL_sold"\nzero = "nothing is sold"\nunit = "MWh"',
    '[[feeds]]\nsource = "grid"\nsymbol = "EL_sold"\npoint = "grid.in"',
)
RULES = """
[[rules]]
name = "{one}"
source = "grid"
rule = "{rule}"
inputs = ["{two}"]

[[rules]]
name = "{two}"
source = "grid"
rule = "add"
inputs = ["{three}"]
"""
CIRCLE = GRID + RULES.format(one="a", two="b", three="a", rule="add")
ADDED_TWICE = GRID + RULES.format(one="a", two="b", three="grid.in", rule="add")
SAME_METER = (
    GRID
    + '\n[[meters]]\nname = "other"\nsource = "grid"\ndevice = "meter-1"\nmeter_register = "energy"\n'
)
SHARES = (
    GRID
    + '\n[[rules]]\nname = "a"\nsource = "grid"\nrule = "apportion"\ninputs = ["grid.in"]\nshares = { grid = "0.9" }\n'
)
FACTORLESS = (
    GRID + '\n[[rules]]\nname = "a"\nsource = "grid"\nrule = "multiply"\ninputs = ["grid.in"]\n'
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SECOND_METER, "boundary.double_counted"),
        (ADDED_TWICE, "boundary.double_counted"),
        (SAME_METER, "boundary.double_counted"),
        (CIRCLE, "activity.cycle"),
        (SHARES, "activity.shares"),
        (FACTORLESS, "boundary.rule"),
        (GRID.replace("controlled = true", "controlled = false"), "boundary.control"),
        (GRID.replace('place = "works"', 'place = "other"'), "boundary.reference"),
        (GRID.replace('point = "grid.in"', 'point = "grid.out"'), "boundary.reference"),
        (GRID.replace('point = "grid.in"', ""), "boundary.feed"),
        (
            GRID.replace('name = "plant"', 'name = "plant"\nvalid_to = 2025-01-01'),
            "boundary.validity",
        ),
        (GRID.replace("iso14064 = 2", "iso14064 = 7"), "record.iso14064"),
        (GRID.replace("version = 1", "version = 1\nmore = 1"), "record.unknown_member"),
        (GRID.replace("version = 1", "version = 1.5"), "boundary.value"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    assert text != GRID
    with pytest.raises(InputError) as refused:
        read(text)
    assert refused.value.reason == code
    assert refused.value.remedy


def test_a_subtrahend_and_shares_of_one_whole_count_once() -> None:
    read(EXAMPLE)
    halves = GRID.replace('point = "grid.in"', 'point = "half"') + (
        '\n[[sources]]\nid = "other"\nunit = "works"\nmethod = "cn.purchased_energy@1"\n'
        'category = "electricity"\ntitle = "其他"\niso14064 = 2\n'
        '\n[[rules]]\nname = "half"\nsource = "grid"\nrule = "apportion"\ninputs = ["grid.in"]\n'
        'shares = { grid = "0.5", other = "0.5" }\n'
        '\n[[rules]]\nname = "rest"\nsource = "other"\nrule = "apportion"\ninputs = ["grid.in"]\n'
        'shares = { grid = "0.5", other = "0.5" }\n'
    )
    read(halves)


def test_the_last_version_that_holds_for_the_whole_period_counts() -> None:
    first = read(GRID.replace("version = 1", "version = 1\nvalid_to = 2026-06-30"))
    second = read(GRID.replace("version = 1", "version = 2").replace("2026-01-01", "2026-07-01"))
    versions = [first, second]
    assert in_force(versions, parse_period("2026-06"), name="plant") is first
    assert in_force(versions, parse_period("2026-07"), name="plant") is second
    for period in ("2026", "2025-12"):
        with pytest.raises(BoundaryNotFoundError) as refused:
            in_force(versions, parse_period(period), name="plant")
        assert refused.value.reason == "boundary.period"
