"""Compute the emission of a unit in a period by the libraries of the log, and log nothing."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary, in_force
from trace_node.accounting.boundary.sources import Industry
from trace_node.accounting.inventory.assemble import Assembled, assemble, with_earlier
from trace_node.accounting.inventory.items import factors_of, figures_of, items_of
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Result
from trace_node.accounting.methods.words import Use
from trace_node.accounting.records.emission import Emission
from trace_node.accounting.standing import Standing
from trace_node.clock import Clock
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.ports.store import Store
from trace_node.services.account_inputs import AccountInputs
from trace_node.services.account_libraries import AccountLibraries, account_libraries
from trace_node.services.account_year import measured_earlier
from trace_node.services.library import leaf_of_act
from trace_node.services.statement_types import parse_statement

MOST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRequest:
    """What to account for.

    Attributes:
        organisation: Whose emission.
        boundary: Name of the boundary.
        unit: The accounting unit.
        period: The period.
        use: For compliance, each draft and unconfirmed term needs an approval.
        reason: Why a final figure is adjusted; None where none is.
    """

    organisation: OrganisationId
    boundary: str
    unit: str
    period: Period
    use: Use = Use.INTERNAL
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """An emission as it would be put on record.

    Attributes:
        emission: What the record would say, but for the one before it.
        result: The result behind it.
        lacking: Laboratory values that are not there, where the method takes its own instead.
    """

    emission: Emission
    result: Result
    lacking: tuple[str, ...]


class EmissionComputation:
    """Computes emissions (排放量计算).

    Args:
        store: The log.
        clock: The node's clock.
    """

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def compute(self, request: AccountRequest) -> tuple[Computed, ...]:
        """Compute what ``account`` would log, and log nothing.

        Raises:
            InputError: A value is missing, or does not fit the method; or see ``Accounts.account``.
            StateError: A factor may not be used.
        """
        boundary, leaf = self.boundary_for(request)
        with self._store.view() as view:
            libraries = account_libraries(view, organisation=request.organisation)
        return tuple(
            self._compute(request, boundary, leaf, industry, libraries)
            for industry in boundary.industries_of(request.unit)
        )

    def boundary_for(self, request: AccountRequest) -> tuple[Boundary, EvidenceLink]:
        """The version of the boundary that holds for the period, and its leaf.

        Raises:
            BoundaryNotFoundError: There is none.
        """
        topic = f"{request.organisation} {request.boundary}"
        with self._store.view() as view:
            logged = view.statements.find(BOUNDARY, topic=topic, limit=MOST)
            bodies = [view.entries.bodies(each.index, each.index + 1)[0] for each in logged]
        versions = [parse_statement(body).content for body in bodies]
        boundaries = [each for each in versions if isinstance(each, Boundary)]
        found = in_force(boundaries, request.period, name=request.boundary)
        place = next(at for at, each in enumerate(boundaries) if each is found)
        return found, EvidenceLink(logged[place].index, logged[place].digest)

    def _compute(
        self,
        request: AccountRequest,
        boundary: Boundary,
        leaf: EvidenceLink,
        industry: Industry,
        libraries: AccountLibraries,
    ) -> Computed:
        method, now = libraries.methods.get(industry.method), self._clock.now()
        inputs = AccountInputs(self._store, boundary, now=now)
        obtained = inputs.obtain(industry, method, request.period)
        with self._store.view() as view:
            earlier = measured_earlier(view, boundary, industry, method, request.period)
        assembled = with_earlier(
            assemble(
                boundary, industry, method, request.period, obtained, boundary_leaf=leaf.index
            ),
            earlier,
        )
        result = evaluate(
            method,
            assembled.case,
            libraries.factors,
            use=request.use,
            approvals=libraries.approvals,
            release_root=libraries.release_root,
        )
        used = {leaf_of_act(flag.approval) for flag in result.flags if flag.approval}
        emission = _emission(request, boundary, leaf, industry, method, assembled, result)
        emission = replace(
            emission,
            approvals=tuple(sorted(used)),
            earlier=earlier,
            factors=factors_of(result, libraries.own_rows),
            method_leaves=libraries.method_leaves.get(method.ref, ()),
            standing=_standing(boundary, request.period, assembled, now),
        )
        return Computed(emission=emission, result=result, lacking=assembled.lacking)


def _standing(boundary: Boundary, period: Period, assembled: Assembled, now: datetime) -> Standing:
    """Provisional too while the period runs, or a laboratory's report may still arrive."""
    due = [each.due_days for each in boundary.laboratory if each.name in assembled.lacking]
    settled = period.end + timedelta(days=max(due, default=0))
    return assembled.standing if now >= settled else Standing.PROVISIONAL


def _emission(  # noqa: PLR0917 (parts of one record)
    request: AccountRequest,
    boundary: Boundary,
    leaf: EvidenceLink,
    industry: Industry,
    method: Method,
    assembled: Assembled,
    result: Result,
) -> Emission:
    return Emission(
        organisation=request.organisation,
        boundary=boundary.name,
        boundary_leaf=leaf,
        unit=request.unit,
        method=method.ref,
        method_digest=method.digest,
        method_leaves=(),
        period=request.period,
        use=request.use,
        standing=assembled.standing,
        activity=assembled.activity,
        earlier=(),
        factors=(),
        release_root=result.release_root,
        approvals=(),
        items=items_of(boundary, industry, method, assembled.case, result),
        figures=figures_of(result),
        result=result.digest,
        replaces=None,
        demonstration=boundary.demonstration,
        reason=request.reason,
    )
