"""Account for a unit and a period: activity data, method, emission record (核算)."""

from dataclasses import dataclass, replace

from trace_node import canonical_json
from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.inventory.assemble import points_needed
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Result
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.accounting.records.uncertainty import Uncertainty
from trace_node.accounting.standing import Standing
from trace_node.clock import Clock
from trace_node.errors import StateError, TooLargeError
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store
from trace_node.record.statement import size_of
from trace_node.services.account_computation import (
    AccountRequest,
    Computed,
    EmissionComputation,
)
from trace_node.services.gauge_lists import list_gauges
from trace_node.services.library import method_library
from trace_node.services.statement_types import parse_statement
from trace_node.services.uncertainties import Evaluated, LogContent, evaluate, put_beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounted:
    """An emission that is on record.

    Attributes:
        index: Its leaf.
        emission: What the leaf says.
        result: The result behind it.
        is_new: Whether it was logged now; else the log held the same figure.
        lacking: Laboratory values that are not there, where the method takes its own instead.
        uncertainty: What its figures are worth; None where nothing is stated of any error.
    """

    index: int
    emission: Emission
    result: Result
    is_new: bool
    lacking: tuple[str, ...] = ()
    uncertainty: Evaluated | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """What is to be logged.

    Attributes:
        computed: What was computed.
        emission: Its record.
        logged: The leaf that says the same already; None where it is to be logged.
        worth: Its uncertainty; None where nothing is stated of any error.
    """

    computed: Computed
    emission: Emission
    logged: LoggedStatement | None
    worth: Uncertainty | None


class Accounts:
    """Computes emissions by the libraries of the log, and puts them on record.

    Args:
        store: The log.
        log: Signs and logs.
        clock: The node's clock.
    """

    def __init__(self, store: Store, *, log: LogContent, clock: Clock) -> None:
        self._store, self._log = store, log
        self._computation = EmissionComputation(store, clock=clock)

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
            UncertaintyError: What is stated of an error does not fit its value.
            TooLargeError: A record does not fit into a leaf; nothing is logged then, neither
                figures nor uncertainties.
        """
        self._list_gauges(request)
        computed = self._computation.compute(request)
        with self._store.view() as view:
            methods = method_library(view)
        prepared = [self._prepare(one, methods.get(one.emission.method)) for one in computed]
        return tuple(map(self._put, prepared))

    def _prepare(self, computed: Computed, method: Method) -> _Prepared:
        """What is to be logged, with its uncertainty by what is stated now; nothing is logged."""
        emission, logged = self._successor(computed.emission)
        worth = evaluate(emission, computed.result, method=method, store=self._store)
        _require_loggable(emission)
        return _Prepared(computed=computed, emission=emission, logged=logged, worth=worth)

    def _put(self, prepared: _Prepared) -> Accounted:
        """Log a figure that is not logged yet, and its uncertainty beside it."""
        emission, result, logged = prepared.emission, prepared.computed.result, prepared.logged
        if logged is None:
            with self._store.unit_of_work() as work:
                work.accounting.put_result(result.digest, result.canonical)
            logged = self._log(emission)
        link, worth = EvidenceLink(logged.index, logged.digest), prepared.worth
        return Accounted(
            index=logged.index,
            emission=emission,
            result=result,
            is_new=prepared.logged is None,
            lacking=prepared.computed.lacking,
            uncertainty=None if worth is None else put_beside(worth, link, log=self._log),
        )

    def _list_gauges(self, request: AccountRequest) -> None:
        """Log the readings of days that a record of the period has to name by their list."""
        boundary, _leaf = self._computation.boundary_for(request)
        names = {
            name
            for industry in boundary.industries_of(request.unit)
            for name in points_needed(boundary, industry)
        }
        list_gauges(boundary, names, request.period, store=self._store, log=self._log)

    def _successor(self, emission: Emission) -> tuple[Emission, LoggedStatement | None]:
        """The record that follows the newest of its topic, or that one where it says the same.

        Raises:
            StateError: The newest is final, and no reason is given.
        """
        with self._store.view() as view:
            newest = view.statements.newest(EMISSION, emission.topic)
            body = b"" if newest is None else view.entries.bodies(newest.index, newest.index + 1)[0]
        if newest is None:
            return replace(emission, reason=None), None
        before = parse_statement(body).content
        assert isinstance(before, Emission)  # noqa: S101 (found by its type)
        if replace(emission, replaces=before.replaces, reason=before.reason) == before:
            return before, newest
        if before.standing is Standing.FINAL and emission.reason is None:
            raise _closed(emission, newest.index)
        return replace(emission, replaces=EvidenceLink(newest.index, newest.digest)), None


def _require_loggable(emission: Emission) -> None:
    size, bound = size_of(emission), canonical_json.MAX_RECORD_BYTES
    if size > bound:
        raise TooLargeError(
            "{field}: {unit} with {values} values takes {size} bytes, and a record holds {bound}",
            field=EMISSION,
            unit=emission.unit,
            values=len(emission.activity),
            size=size,
            bound=bound,
            remedy="make two accounting units of the unit",
            code="record.too_large",
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
