"""Which rows of the library a draft's name stands for in a year."""

from trace_node.errors import InputError
from trace_node.quota.rule import Standing
from trace_node.services.allocation import RuleLibrary


def draft_rows(library: RuleLibrary, draft: str, *, year: int) -> tuple[bytes, ...]:
    """Digest of every draft row of that name that holds for a year, on whatever day.

    Args:
        library: The library.
        draft: Id of a rule, or ``id@version`` of a method.
        year: Obligation year.

    Raises:
        InputError: There is no such draft for the year.
    """
    found = [
        rule.digest
        for rule in library.rules.versions(draft, year=year)
        if rule.origin.standing is Standing.DRAFT
    ]
    found += [
        method.digest
        for method in library.methods
        if f"{method.id}@{method.version}" == draft
        and method.validity.covers(year)
        and method.origin.standing is Standing.DRAFT
    ]
    if not found:
        raise InputError(
            "{field}: there is no draft {draft} for {year}",
            field="draft",
            draft=draft[:80],
            year=year,
            remedy="trace-node allowance allocate names the drafts it used",
            code="quota.draft",
        )
    return tuple(found)
