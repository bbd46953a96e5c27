"""Industry templates of the report: every method has its industry, and no other's figures enter."""

import pytest

from trace_node.accounting.methods.method_library import packaged_methods
from trace_node.accounting.report.errors import ReportError
from trace_node.accounting.report.template import fitting, template_for, template_of, templates

COMMON = {"cn.purchased_energy", "iso.14064_1.2018"}


def test_every_method_belongs_to_exactly_one_industry_or_to_all() -> None:
    """[S2-11.11]: the industries of standard 002, annex A; no method without a template."""
    listed = [method for one in templates() for method in one.methods]
    assert sorted([*listed, *COMMON]) == sorted(one.id for one in packaged_methods())
    assert len({one.id for one in templates()}) == len(templates()) == 28
    assert all(set(one.common) == COMMON for one in templates())


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.id)
def test_a_template_takes_its_methods_and_no_other(template) -> None:  # noqa: ANN001
    for one in packaged_methods():
        assert template.takes(one.id) is (one.id in template.methods or one.id in COMMON)
    assert fitting([*template.methods, "cn.purchased_energy"]) == (template,)
    assert template_for("", template.methods) is template_of(template.id)


def test_figures_of_several_industries_or_of_none_have_no_template_of_their_own() -> None:
    assert template_for("", ["cn.ndrc.cement.2013", "cn.ndrc.power.2013"]) is None
    assert template_for("", ["cn.purchased_energy"]) is None
    assert template_for("coal", ["cn.purchased_energy"]) is template_of("coal")


def test_a_template_of_another_industry_is_refused_and_says_which_fit() -> None:
    with pytest.raises(ReportError) as caught:
        template_for("coal", ["cn.ndrc.cement.2013"])
    assert caught.value.reason == "report.template"
    assert "cement" in caught.value.remedy
    with pytest.raises(ReportError) as unknown:
        template_of("moon")
    assert "other_industry" in unknown.value.remedy
