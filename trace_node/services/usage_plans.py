"""Make and compare plans for the use of allowances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from trace_node.canonical_json import JsonObject
from trace_node.clock import Clock
from trace_node.period import SHANGHAI
from trace_node.ports.board import Positions
from trace_node.ports.store import Store
from trace_node.quota.board.errors import BoardConflictError, BoardUnknownError
from trace_node.quota.board.plan import PlanLine, PlanRow, UsagePlan, compare
from trace_node.quota.board.position import LedgerMark
from trace_node.quota.board.year_board import LEGAL_RECORD


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPlan:
    """A plan beside what happened (方案执行对比).

    Attributes:
        plan: The version.
        versions: How many versions there are.
        rows: Month by month.
        mark: Block up to which it is known what happened; None without a mirror.
    """

    plan: UsagePlan
    versions: int
    rows: tuple[PlanRow, ...]
    mark: LedgerMark | None

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "legal_record": LEGAL_RECORD,
            "mirror": None if self.mark is None else self.mark.to_json(),
            "plan": self.plan.to_json(),
            "rows": [row.to_json() for row in self.rows],
            "versions": self.versions,
        }


class PlanDesk:
    """Keeps plans (配额使用方案).

    Args:
        store: The database.
        positions: What the mirror of the ledger says.
        clock: Time.
    """

    def __init__(self, *, store: Store, positions: Positions, clock: Clock) -> None:
        self._store = store
        self._positions = positions
        self._clock = clock

    def submit(
        self,
        organisation: str,
        year: int,
        lines: Sequence[PlanLine],
        *,
        by: str,
        note: str = "",
        after: int | None = None,
    ) -> UsagePlan:
        """Keep a new version of a plan.

        Args:
            organisation: Whose plan.
            year: Obligation year.
            lines: What is planned.
            by: Who made it.
            note: What they have to say.
            after: Version that it follows, 0 for none; None for whichever is there.

        Raises:
            BoardUnknownError: No basis of a board of the organisation is in the log.
            BoardInputError: A line breaks its rule.
            BoardConflictError: Another version was made meanwhile.
        """
        with self._store.unit_of_work() as work:
            if organisation not in work.statements.organisations():
                raise BoardUnknownError(
                    "no basis of a board of {organisation} is in the log",
                    field="organisation",
                    organisation=organisation[:64],
                    remedy="state one: trace-node board basis",
                    code="board.unknown.organisation",
                )
            newest = work.plans.newest(organisation, year)
            version = 0 if newest is None else newest.version
            if after is not None and after != version:
                raise BoardConflictError(
                    "{field}: the newest version is {version}, not {after}",
                    field="after",
                    version=version,
                    after=after,
                    remedy="read the newest version, then send the plan again",
                    code="board.conflict.plan",
                )
            plan = UsagePlan(
                organisation=organisation,
                year=year,
                version=version + 1,
                made_at=self._clock.now(),
                made_by=by,
                note=note,
                lines=tuple(sorted(lines, key=lambda line: (line.month.start, line.act))),
            )
            work.plans.add(plan)
        return plan

    def compared(self, organisation: str, year: int, *, version: int | None = None) -> ComparedPlan:
        """A version of a plan beside what the mirror says happened.

        Args:
            organisation: Whose plan.
            year: Obligation year.
            version: Which version; None for the newest.

        Raises:
            BoardUnknownError: There is no such plan.
        """
        with self._store.view() as view:
            versions = view.plans.versions(organisation, year)
            bases = view.statements.bases(organisation=organisation)
        chosen = [plan for plan in versions if version in (None, plan.version)]
        if not chosen:
            raise BoardUnknownError(
                "{organisation} has no such plan for {year}",
                field="year",
                organisation=organisation[:64],
                year=year,
                remedy="make one: trace-node board plan",
                code="board.unknown.plan",
            )
        numbers = [basis.ledger for basis in bases if basis.ledger is not None]
        position, movements = self._positions.movements(numbers[-1]) if numbers else (None, ())
        if position is None:
            now = self._clock.now().astimezone(SHANGHAI)
            rows = compare(chosen[-1], None, seen_to=now)
            return ComparedPlan(plan=chosen[-1], versions=len(versions), rows=rows, mark=None)
        seen_to = datetime.fromtimestamp(position.mark.time, UTC).astimezone(SHANGHAI)
        rows = compare(chosen[-1], movements, seen_to=seen_to)
        return ComparedPlan(plan=chosen[-1], versions=len(versions), rows=rows, mark=position.mark)
