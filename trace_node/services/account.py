"""Account for a unit and a period: activity data, method, emission record (核算)."""

from dataclasses import dataclass, replace

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.inventory.assemble import points_needed
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.result import Result
from trace_node.accounting.records.emission import EMISSION, Emission
from trace_node.accounting.standing import Standing
from trace_node.clock import Clock
from trace_node.errors import StateError
from trace_node.ports.store import Store
from trace_node.services.account_computation import (
    AccountRequest,
    Computed,
    EmissionComputation,
)
from trace_node.services.gauge_lists import list_gauges
from trace_node.services.library import method_library
from trace_node.services.statement_types import parse_statement
from trace_node.services.uncertainties import Evaluated, LogContent, put_beside


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
            UncertaintyError: What is stated of an error does not fit its value; the figures are
                logged by then.
        """
        self._list_gauges(request)
        computed = self._computation.compute(request)
        with self._store.view() as view:
            methods = method_library(view)
        return tuple(
            self._with_uncertainty(self._record(one), methods.get(one.emission.method))
            for one in computed
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

    def _with_uncertainty(self, done: Accounted, method: Method) -> Accounted:
        """A figure with its uncertainty beside it, evaluated by what is stated now."""
        link = EvidenceLink(done.index, self._store.reader().entry(done.index).leaf_hash)
        beside = put_beside(
            done.emission, link, done.result, method=method, store=self._store, log=self._log
        )
        return replace(done, uncertainty=beside)

    def _record(self, computed: Computed) -> Accounted:
        emission, result, lacking = computed.emission, computed.result, computed.lacking
        with self._store.view() as view:
            newest = view.statements.newest(EMISSION, emission.topic)
            body = b"" if newest is None else view.entries.bodies(newest.index, newest.index + 1)[0]
        if newest is not None:
            before = parse_statement(body).content
            assert isinstance(before, Emission)  # noqa: S101 (found by its type)
            same = replace(emission, replaces=before.replaces, reason=before.reason)
            if same == before:
                return Accounted(
                    index=newest.index,
                    emission=before,
                    result=result,
                    is_new=False,
                    lacking=lacking,
                )
            if before.standing is Standing.FINAL and emission.reason is None:
                raise _closed(emission, newest.index)
            emission = replace(emission, replaces=EvidenceLink(newest.index, newest.digest))
        elif emission.reason is not None:
            emission = replace(emission, reason=None)
        with self._store.unit_of_work() as work:
            work.accounting.put_result(result.digest, result.canonical)
        logged = self._log(emission)
        return Accounted(
            index=logged.index, emission=emission, result=result, is_new=True, lacking=lacking
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
