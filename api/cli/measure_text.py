"""A comparison of measurements for people: approaches with U, E_n, the figure, what is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from api.cli.uncertainty_text import rounded_up
from api.i18n import of_environment, translations
from trace_node.accounting.comparison.findings import BESIDE, TEMPLATES
from trace_node.accounting.comparison.measurement import Approach
from trace_node.accounting.methods.words import Purpose

if TYPE_CHECKING:
    from trace_node.accounting.inventory.compared import Compared
    from trace_node.accounting.records.measurement import MeasurementRecord
    from trace_node.accounting.records.measurement_model import ModelOf
    from trace_node.accounting.records.measurement_parts import Found


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown."""
    return text


APPROACHES: Final = MappingProxyType(
    {
        Approach.CEMS.value: _("flue gas"),
        Approach.CALCULATION.value: _("calculation"),
        Approach.MASS_BALANCE.value: _("mass balance"),
        Approach.MODEL.value: _("model"),
    }
)
PURPOSES: Final = MappingProxyType(
    {
        Purpose.ETS.value: _("carbon market"),
        Purpose.ENTERPRISE.value: _("enterprise inventory"),
        Purpose.ISO14064.value: _("ISO 14064-1 inventory"),
        Purpose.FOOTPRINT.value: _("product footprint"),
        Purpose.AUXILIARY.value: _("beside the figures"),
    }
)
_SENTENCES: Final = MappingProxyType({**TEMPLATES, **BESIDE})
_WORDS: Final = MappingProxyType({**APPROACHES, **PURPOSES, "day": _("days"), "month": _("months")})
_TRANSLATED: Final = frozenset({"approach", "first", "second", "kind", "other", "purpose"})


def comparison_lines(record: "MeasurementRecord") -> Iterator[str]:
    """A comparison, line by line, in the reader's language."""
    for each in record.measurements:
        spread = "-" if each.expanded is None else rounded_up(each.expanded)
        yield _told(_("  {approach}: {co2} t of CO2, U = {expanded} t, k = {k}"),
                   approach=_told(APPROACHES[each.approach.value]), co2=f"{each.co2:.3f}",
                   expanded=spread, k=f"{each.k:f}")  # fmt: skip
    for stack in record.stacks:
        yield _told(_("    stack {name}: {co2} t, {measured} hours measured, {missing} missing"),
                   name=stack.name, co2=f"{stack.co2:.3f}", measured=stack.measured,
                   missing=stack.missing)  # fmt: skip
    if record.biogenic is not None:
        yield _told(_("    biogenic, taken off: {co2} t"), co2=f"{record.biogenic:.3f}")
    if record.model is not None:
        yield _of_model(record.model, len(record.training))
    for pair in record.differences:
        en = "-" if pair.en is None else f"{pair.en:.2f}"
        yield f"  E_n {_told(APPROACHES[pair.first])} / {_told(APPROACHES[pair.second])}: {en}"
    if record.figure is None:
        yield _told(_("  no figure: none may stand by {rule} ({clause})"), rule=record.rule,
                   clause=record.clause)  # fmt: skip
    else:
        yield _told(_("  the figure: {approach}, by {rule} ({clause})"),
                   approach=_told(APPROACHES[record.figure.value]), rule=record.rule,
                   clause=record.clause)  # fmt: skip
    for figure in record.figures:
        yield _told(_("    {purpose}: {value} {unit}, calculated {calculated}"),
                   purpose=_told(PURPOSES[figure.purpose.value]), value=f"{figure.value:.3f}",
                   unit=figure.unit, calculated=f"{figure.calculated:.3f}")  # fmt: skip
    for found in record.findings:
        yield finding_line(found)


def compared_lines(found: "Compared") -> Iterator[str]:
    """What was measured beside a record of an inventory, line by line."""
    whose = {"unit": found.unit, "period": found.period, "method": found.method}
    if found.record is None:
        yield _told(_("not measured beside {unit}, {period}, {method}:"), **whose)
    else:
        yield _told(_("measured beside {unit}, {period}, {method} (leaf {leaf}):"),
                    leaf=found.leaf, **whose)  # fmt: skip
        yield from comparison_lines(replace(found.record, findings=()))
    for each in found.findings:
        yield finding_line(each)


def finding_line(found: "Found") -> str:
    """A finding with its code."""
    return f"  ! {found.code}: {finding_text(found)}"


def finding_text(found: "Found") -> str:
    """The sentence of a finding in the reader's language."""
    params = {
        name: _told(_WORDS[value]) if name in _TRANSLATED and value in _WORDS else value
        for name, value in found.params
    }
    return _told(_SENTENCES[found.code], **params)


def _of_model(model: "ModelOf", rows: int) -> str:
    return _told(
        _("    model {form} of {inputs}: {rows} periods from {first} to {last},"
          " residual {scatter} t, RMSE {rmse} t"),
        form=model.form, inputs=", ".join(model.inputs), rows=rows, first=model.first.name,
        last=model.last.name, scatter=f"{model.scatter:.3f}", rmse=f"{model.rmse:.3f}",
    )  # fmt: skip


def _told(template: str, /, **params: object) -> str:
    """A template in the language of the environment, filled in."""
    return translations(of_environment()).gettext(template).format(**params)
