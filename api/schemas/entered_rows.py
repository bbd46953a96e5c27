"""From the services of the libraries to their wire models; command line and HTTP say the same."""

from collections.abc import Iterable, Sequence

from api.i18n import translations
from api.schemas import entered
from trace_node.accounting.nonconformity import NonConformity
from trace_node.ids import to_base64url
from trace_node.services.entered import EnteredRecord
from trace_node.services.library import KnownFactor, KnownMethod


def factor(known: KnownFactor) -> entered.Factor:
    """A factor on the wire."""
    return entered.Factor(
        row={**known.row.to_json()},
        digest=to_base64url(known.row.digest),
        status=known.status,
        approval=known.approval,
        leaf=known.leaf,
    )


def chosen_factors(
    found: Iterable[KnownFactor], query: entered.FactorsQuery
) -> tuple[entered.Factor, ...]:
    """Those that a query asks for."""
    asked = {
        "scheme": query.scheme,
        "substance": query.substance,
        "kind": query.kind,
        "id": query.row,
    }
    wanted = [
        each
        for each in found
        if each.row.id > query.after
        and query.status in {None, each.status}
        and all(value in {None, str(getattr(each.row, name))} for name, value in asked.items())
    ]
    return tuple(factor(each) for each in wanted[: query.limit])


def method(known: KnownMethod, *, whole: bool) -> entered.Method:
    """A method on the wire."""
    found = known.method
    return entered.Method(
        method=found.ref,
        title_zh=found.title_zh,
        title_en=found.title_en,
        source=found.source,
        digest=to_base64url(found.digest),
        leaf=known.leaf,
        unconfirmed=tuple(step.id for step in found.steps.values() if step.mark.needs_approval),
        definition={**found.definition} if whole else None,
    )


def record(found: EnteredRecord, *, language: str) -> entered.Entered:
    """A record on the wire."""
    return entered.Entered(
        index=found.logged.index,
        digest=to_base64url(found.logged.digest),
        topic=found.logged.topic,
        signed_by=found.signed_by,
        holds=found.holds,
        anchored_on=None if found.anchored_on is None else found.anchored_on.isoformat(),
        record={**found.content.to_fields()},
        findings=tuple(_finding(each, language) for each in found.findings),
    )


def chosen_records(
    found: Sequence[EnteredRecord], query: entered.EnteredQuery, *, language: str
) -> tuple[entered.Entered, ...]:
    """Those that a query asks for."""
    wanted = [
        each
        for each in found
        if each.logged.index > query.after
        and query.topic in {None, each.logged.topic}
        and (each.holds or not query.only_holding)
    ]
    return tuple(record(each, language=language) for each in wanted[: query.limit])


def _finding(found: NonConformity, language: str) -> entered.Finding:
    template = translations(language).gettext(found.template)
    return entered.Finding(code=found.code, message=template.format(**found.params))
