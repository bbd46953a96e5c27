"""Account for a unit and a period: activity data, method, emission record (核算)."""

from dataclasses import dataclass, replace
from typing import Final

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary, in_force
from trace_node.accounting.boundary.sources import Industry
from trace_node.accounting.inventory.assemble import Assembled, assemble
from trace_node.accounting.inventory.items import factors_of, figures_of, items_of
from trace_node.accounting.methods.figure import evaluate
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Result
from trace_node.accounting.methods.words import Use
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.accounting.standing import Standing
from trace_node.clock import Clock
from trace_node.errors import StateError
from trace_node.ids import OrganisationId
from trace_node.period import Period
from trace_node.ports.store import Store
from trace_node.services.account_inputs import AccountInputs
from trace_node.services.account_libraries import AccountLibraries, account_libraries
from trace_node.services.library import leaf_of_act, method_library
from trace_node.services.statement_types import parse_statement
from trace_node.services.uncertainties import Evaluated, LogContent, put_beside

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
class Accounted:
    """An emission that is on record.

    Attributes:
        index: Its leaf.
        emission: What the leaf says.
        result: The result behind it.
        is_new: Whether it was logged now; else the log held the same figure.
        uncertainty: What its figures are worth; None where nothing is stated of any error.
    """

    index: int
    emission: Emission
    result: Result
    is_new: bool
    uncertainty: Evaluated | None = None


class Accounts:
    """Computes emissions by the libraries of the log, and puts them on record.

    Args:
        store: The log.
        log: Signs and logs.
        clock: The node's clock.
    """

    def __init__(self, store: Store, *, log: LogContent, clock: Clock) -> None:
        self._store, self._log, self._clock = store, log, clock

    def account(self, request: AccountRequest) -> tuple[Accounted, ...]:
        """Compute the emission of a unit in a period, by each of its methods, and log it.

        A figure that is logged and still the same is not logged again. A provisional one is settled
        again by a later leaf; a final one changes only by an adjustment that says why.

        Raises:
            BoundaryNotFoundError: No version of the boundary holds for the period, or it has no
                such unit.
            BoundaryError: It does not fit the meters or the method.
            MethodNotFoundError: A method is not in the library.
            InputError: A value is missing, or does not fit the method.
            FactorNotFoundError: A factor is not in the library.
            StateError: The period is closed and no reason is given; or a factor may not be used.
            UncertaintyError: What is stated of an error does not fit its value; the figures are
                logged by then.
        """
        computed = self.compute(request)
        with self._store.view() as view:
            methods = method_library(view)
        return tuple(
            self._with_uncertainty(self._record(emission, result), methods.get(emission.method))
            for emission, result in computed
        )

    def compute(self, request: AccountRequest) -> tuple[tuple[Emission, Result], ...]:
        """Compute what ``account`` would log, and log nothing.

        Raises:
            InputError: See ``account``.
            StateError: A factor may not be used.
        """
        boundary, leaf = self.boundary_for(request)
        with self._store.view() as view:
            libraries = account_libraries(view, organisation=request.organisation)
        return tuple(
            self._compute(request, boundary, leaf, industry, libraries)
            for industry in boundary.industries_of(request.unit)
        )

    def _with_uncertainty(self, done: Accounted, method: Method) -> Accounted:
        """A figure with its uncertainty beside it, evaluated by what is stated now."""
        link = EvidenceLink(done.index, self._store.reader().entry(done.index).leaf_hash)
        beside = put_beside(
            done.emission, link, done.result, method=method, store=self._store, log=self._log
        )
        return replace(done, uncertainty=beside)

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
    ) -> tuple[Emission, Result]:
        method = libraries.methods.get(industry.method)
        inputs = AccountInputs(self._store, boundary, now=self._clock.now())
        obtained = inputs.obtain(industry, method, request.period)
        assembled = assemble(
            boundary, industry, method, request.period, obtained, boundary_leaf=leaf.index
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
            factors=factors_of(result, libraries.own_rows),
            method_leaves=libraries.method_leaves.get(method.ref, ()),
        )
        return emission, result

    def _record(self, emission: Emission, result: Result) -> Accounted:
        with self._store.view() as view:
            newest = view.statements.newest(EMISSION, emission.topic)
            body = b"" if newest is None else view.entries.bodies(newest.index, newest.index + 1)[0]
        if newest is not None:
            before = parse_statement(body).content
            assert isinstance(before, Emission)  # noqa: S101 (found by its type)
            same = replace(emission, replaces=before.replaces, reason=before.reason)
            if same == before:
                return Accounted(index=newest.index, emission=before, result=result, is_new=False)
            if before.standing is Standing.FINAL and emission.reason is None:
                raise _closed(emission, newest.index)
            emission = replace(emission, replaces=EvidenceLink(newest.index, newest.digest))
        elif emission.reason is not None:
            emission = replace(emission, reason=None)
        with self._store.unit_of_work() as work:
            work.accounting.put_result(result.digest, result.canonical)
        logged = self._log(emission)
        return Accounted(index=logged.index, emission=emission, result=result, is_new=True)


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


def _closed(emission: Emission, index: int) -> StateError:
    return StateError(
        "{period} is closed for {unit}: leaf {index} is final, and the figure differs now",
        period=emission.period.name,
        unit=emission.unit,
        index=index,
        remedy="state the reason, and an adjustment is logged beside it",
        code="account.closed",
    )
