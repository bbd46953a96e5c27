"""Settle an allocation: figures from leaves, drafts by approval, sheets as leaves of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from trace_node.errors import ConflictError
from trace_node.ids import LeafIndex, OrganisationId
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store
from trace_node.quota.records.allocation_sheet import (
    AllocationSheet,
    LeafRef,
    SheetInput,
    UsedDraft,
)
from trace_node.quota.records.draft_approval import DRAFT_APPROVAL, DraftApproval
from trace_node.quota.records.parse import parse_statement
from trace_node.quota.records.sheet_rows import SheetRow, SheetRule
from trace_node.quota.rule import Standing
from trace_node.quota.sheet import Sheet
from trace_node.quota.unit_file import UnitFigures
from trace_node.record.statement import Content
from trace_node.services.allocation import EntitySheet, RuleLibrary, allocate_power
from trace_node.services.allocation_inputs import TakenUnit, take_units

LogContent = Callable[[Content], LoggedStatement]
"""Signs a content with the node's key and logs it."""

MOST_APPROVALS: Final = 1_000
_SHOWN: Final = 5


class DraftNotApprovedError(ConflictError):
    """A settlement would rest on drafts that nobody approved for the year."""

    code: ClassVar[str] = "allocation.draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An allocation in the log.

    Attributes:
        units: Leaf of each unit's sheet, by its name.
        total: Leaf of the organisation's total.
        sheet: What was computed.
        approvals: Approval of each draft that was used.
    """

    units: Mapping[str, LoggedStatement]
    total: LoggedStatement
    sheet: EntitySheet
    approvals: Mapping[str, UsedDraft]


def settle_power(
    units: Sequence[UnitFigures],
    *,
    organisation: OrganisationId,
    year: int,
    on: date,
    library: RuleLibrary,
    store: Store,
    log: LogContent,
) -> Settled:
    """Compute the allowances of an organisation's units and log every sheet (配额核定入链).

    Args:
        units: Figures of each unit, typed in or taken from leaves.
        organisation: Whose units they are.
        year: Obligation year.
        on: Day whose rules count.
        library: Rules and methods.
        store: The log.
        log: Logs a sheet.

    Raises:
        DraftNotApprovedError: A draft was used without a logged approval for the year.
        InputError: A figure is wrong, or its leaf says otherwise; see ``allocate_power``.
    """
    taken = take_units(units, organisation=organisation, year=year, store=store)
    found = allocate_power(
        [(unit.name, unit.values) for unit in taken], library=library, year=year, on=on
    )
    sheets = (*found.units.values(), found.total)
    approvals = approvals_of(sheets, year=year, store=store)
    logged: dict[str, LoggedStatement] = {}
    for unit in taken:
        sheet = found.units[unit.name]
        content = sheet_content(sheet, organisation=organisation, approvals=approvals, unit=unit)
        logged[unit.name] = log(content)
    parts = tuple(_leaf(each) for each in logged.values())
    content = sheet_content(
        found.total, organisation=organisation, approvals=approvals, parts=parts
    )
    return Settled(units=logged, total=log(content), sheet=found, approvals=approvals)


def settle_calculation(
    method: str,
    given: Mapping[str, str],
    *,
    organisation: OrganisationId,
    year: int,
    on: date,
    library: RuleLibrary,
    store: Store,
    log: LogContent,
) -> tuple[Sheet, LoggedStatement]:
    """Calculate by one method, such as a carry-over or an obligation, and log its sheet.

    Args:
        method: Its id.
        given: Value of each input, as text.
        organisation: Whose figures they are.
        year: Obligation year.
        on: Day whose rules count.
        library: Rules and methods.
        store: The log.
        log: Logs a sheet.

    Raises:
        DraftNotApprovedError: A draft was used without a logged approval for the year.
        InputError: See ``RuleLibrary.calculate``.
    """
    sheet = library.calculate(method, given, year=year, on=on)
    approvals = approvals_of([sheet], year=year, store=store)
    content = sheet_content(sheet, organisation=organisation, approvals=approvals)
    return sheet, log(content)


def approvals_of(sheets: Sequence[Sheet], *, year: int, store: Store) -> Mapping[str, UsedDraft]:
    """The logged approval of every draft that sheets used, by the draft's id.

    Raises:
        DraftNotApprovedError: One has none for that year and exactly that row.
    """
    used = {name: digest for sheet in sheets for name, digest in drafts_of(sheet).items()}
    approvals: dict[str, UsedDraft] = {}
    for name, digest in sorted(used.items()):
        leaf = approval_of(name, digest, year=year, store=store)
        if leaf is not None:
            approvals[name] = UsedDraft(draft=name, digest=digest, approval=leaf)
    missing = sorted(used.keys() - approvals.keys())
    if missing:
        raise DraftNotApprovedError(
            "{field}: {count} drafts were used without a logged approval for {year}: {names}",
            field="draft",
            count=len(missing),
            year=year,
            names=", ".join(missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else ""),
            remedy="approve each with its evidence: trace-node allowance approve-draft",
        )
    return approvals


def drafts_of(sheet: Sheet) -> Mapping[str, bytes]:
    """Digest of the row of each draft that a sheet used."""
    drafts = {
        rule.id: rule.digest
        for rule in sheet.rules.values()
        if rule.origin.standing is Standing.DRAFT
    }
    if sheet.method in sheet.drafts:
        drafts[sheet.method] = sheet.method_digest
    return drafts


def approval_of(name: str, digest: bytes, *, year: int, store: Store) -> LeafRef | None:
    """The leaf that approves exactly that row of a draft for a year; None without one."""
    topic = f"{name} {year}"
    with store.view() as view:
        found = view.statements.find(DRAFT_APPROVAL, topic=topic, limit=MOST_APPROVALS)
        for each in found:
            (body,) = view.entries.bodies(each.index, each.index + 1)
            content = parse_statement(body).content
            if isinstance(content, DraftApproval) and content.digest == digest:
                return _leaf(each)
    return None


def sheet_content(
    sheet: Sheet,
    *,
    organisation: OrganisationId,
    approvals: Mapping[str, UsedDraft],
    unit: TakenUnit | None = None,
    parts: tuple[LeafRef, ...] = (),
) -> AllocationSheet:
    """What is logged of a computed sheet."""
    leaves = {} if unit is None else unit.leaves
    return AllocationSheet(
        organisation=organisation,
        year=sheet.year,
        on=sheet.on,
        unit_name=None if unit is None else unit.name,
        method=sheet.method,
        method_digest=sheet.method_digest,
        inputs=tuple(
            SheetInput(name=name, value=value, leaf=leaves.get(name))
            for name, value in sheet.inputs.items()
        ),
        rules=tuple(
            SheetRule(symbol=symbol, row=rule.to_json(), digest=rule.digest)
            for symbol, rule in sheet.rules.items()
        ),
        steps=tuple(
            SheetRow(
                symbol=step.symbol,
                formula=step.formula,
                value=format(step.value, "f"),
                unit=step.unit,
            )
            for step in sheet.steps
        ),
        drafts=tuple(approvals[name] for name in sorted(drafts_of(sheet))),
        parts=parts,
    )


def _leaf(logged: LoggedStatement) -> LeafRef:
    return LeafRef(index=LeafIndex(logged.index), digest=logged.digest)
