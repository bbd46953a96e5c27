"""Where a reading or a batch went: from a leaf or batch to all that rests on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trace_node.accounting.footprint.batch_event import BATCH_EVENT
from trace_node.accounting.footprint.stage_emission import STAGE_EMISSION
from trace_node.errors import InputError, NotFoundError
from trace_node.ports.footprints import KnownBatch
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store, UnitOfWork

MOST_STEPS: Final = 1_000
MOST_BATCHES: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """What rests on a leaf or batch.

    Attributes:
        statements: Statements that rest on the leaf, directly or by way of others, in log order:
            stage emissions, events and footprints.
        batches: Batches that bear some of it, in log order.
        ends: Those of the batches that nothing was made of.
    """

    statements: tuple[LoggedStatement, ...]
    batches: tuple[KnownBatch, ...]
    ends: tuple[str, ...]

    def seen_by(self, organisation: str | None) -> "Forward":
        """What one organisation may see of it: its own; None sees all."""
        if organisation is None:
            return self
        own = tuple(each for each in self.batches if each.organisation == organisation)
        names = {each.batch for each in own}
        said = f"{organisation} "
        return Forward(
            statements=tuple(each for each in self.statements if each.topic.startswith(said)),
            batches=own,
            ends=tuple(each for each in self.ends if each in names),
        )


class ForwardWalk:
    """Walks forward.

    Args:
        store: The log.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_leaf(self, index: int) -> Forward:
        """Where what is at a leaf went.

        Raises:
            NotFoundError: There is no such leaf.
        """
        with self._store.view() as view:
            if not view.entries.leaf_hashes(index, index + 1):
                raise NotFoundError(
                    "there is no leaf {index}",
                    field="index",
                    index=index,
                    remedy="name a leaf of this log",
                    code="not_found.leaf",
                )
            resting = _resting(view, index)
            found = view.statements.at(index)
            roots = [*resting] if found is None else [found, *resting]
            indexes = _events(view, roots)
            return _forward(view, resting, view.footprints.made_by(indexes))

    def of_batch(self, batch: str) -> Forward:
        """Where a batch went.

        Raises:
            NotFoundError: There is no such batch.
        """
        with self._store.view() as view:
            known = view.footprints.batches([batch])
            if not known:
                raise NotFoundError(
                    "there is no batch {batch}",
                    field="batch",
                    batch=batch[:64],
                    remedy="log the event that made it first",
                    code="footprint.batch.none",
                )
            return _forward(view, [], known)


def _resting(view: UnitOfWork, index: int) -> list[LoggedStatement]:
    """Statements that rest on a leaf, directly or by way of others."""
    found: dict[int, LoggedStatement] = {}
    level = [index]
    for _ in range(MOST_STEPS):
        fresh = [each for each in view.footprints.resting_on(level) if each not in found]
        for each in fresh:
            statement = view.statements.at(each)
            if statement is not None:
                found[each] = statement
        level = fresh
        if not level:
            break
    return [found[each] for each in sorted(found)]


def _events(view: UnitOfWork, statements: Sequence[LoggedStatement]) -> list[int]:
    """The events that share in these statements, or are among them."""
    found = {each.index for each in statements if each.kind == BATCH_EVENT}
    for each in statements:
        if each.kind == STAGE_EMISSION:
            found |= {use.index for use in view.footprints.unit_uses(each.topic)}
    return sorted(found)


def _forward(
    view: UnitOfWork, statements: Sequence[LoggedStatement], start: Sequence[KnownBatch]
) -> Forward:
    found: dict[str, KnownBatch] = {each.batch: each for each in start}
    ends: set[str] = set()
    level = list(found)
    while level:
        uses = view.footprints.uses(level)
        made = view.footprints.made_by(sorted({use.index for use in uses}))
        ends |= set(level) - {use.batch for use in uses}
        level = [each.batch for each in made if each.batch not in found]
        found |= {each.batch: each for each in made}
        if len(found) > MOST_BATCHES:
            raise InputError(
                "{field}: more than {bound} batches rest on it",
                field="batch",
                bound=MOST_BATCHES,
                remedy="ask for a later batch",
                code="footprint.forward",
            )
    return Forward(
        statements=tuple(statements),
        batches=tuple(sorted(found.values(), key=lambda each: (each.index, each.batch))),
        ends=tuple(sorted(ends)),
    )
