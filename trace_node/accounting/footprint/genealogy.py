"""The genealogy of batches (批次谱系): who made what of what, and how much is left of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.arithmetic import precise
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.errors import BatchNotFoundError, GenealogyError
from trace_node.accounting.footprint.supplier import SupplierFootprint
from trace_node.accounting.footprint.words import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """A batch event and its leaf."""

    link: EvidenceLink
    event: BatchEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSupply:
    """A bought batch and its leaf."""

    link: EvidenceLink
    supplied: SupplierFootprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch (批次).

    Attributes:
        name: Its name.
        product: What it is.
        mass: Tonnes.
        ncv: Net calorific value in GJ/t; None where it is not known.
        organisation: Whose event made it, or who bought it.
        made_by: The event or supplier it came from.
    """

    name: str
    product: str
    mass: Decimal
    ncv: Decimal | None
    organisation: str
    made_by: LoggedEvent | LoggedSupply


class Genealogy:
    """Batches and events, in any order.

    Raises:
        GenealogyError: A batch is made twice, goes into itself by way of others, is not there, or
            more of it is used than there is; the code tells which.
    """

    def __init__(
        self, events: Iterable[LoggedEvent], supplies: Iterable[LoggedSupply] = ()
    ) -> None:
        self.events: Sequence[LoggedEvent] = tuple(events)
        self.batches: dict[str, Batch] = {}
        for supply in supplies:
            self._add(_supplied(supply))
        for logged in self.events:
            for batch in _made(logged):
                self._add(batch)
        self._used: dict[str, Decimal] = {}
        for logged in self.events:
            self._use(logged.event)
        self._require_acyclic()

    def batch(self, name: str) -> Batch:
        """The batch of that name.

        Raises:
            BatchNotFoundError: There is none.
        """
        found = self.batches.get(name)
        if found is None:
            raise BatchNotFoundError(
                "there is no batch {batch}",
                field="batch",
                batch=name[:64],
                remedy="log the event that made it, or what the supplier told of it",
            )
        return found

    def left(self, name: str) -> Decimal:
        """Tonnes of a batch that no event has used."""
        with precise():
            return self.batch(name).mass - self._used.get(name, Decimal(0))

    def behind(self, name: str) -> list[LoggedEvent]:
        """The events that a batch came from, each before those that made its inputs."""
        start = self.batch(name).made_by
        return [] if isinstance(start, LoggedSupply) else list(reversed(self._walk(start)))

    def leaves(self, name: str) -> tuple[EvidenceLink, ...]:
        """Leaves of every event and bought batch that a batch came from."""
        behind = self.behind(name)
        names = {name, *(each.batch for logged in behind for each in logged.event.inputs)}
        return tuple({self.batches[each].made_by.link for each in names})

    def burnt(self, name: str) -> list[tuple[LoggedEvent, Decimal]]:
        """The events that burnt some of a batch, with the tonnes of it."""
        return [
            (logged, part.mass)
            for logged in self.events
            if logged.event.kind is EventKind.BURN
            for part in logged.event.inputs
            if part.batch == name
        ]

    def _add(self, batch: Batch) -> None:
        if batch.name in self.batches:
            raise GenealogyError(
                "{field}: the batch {batch} is there already",
                field="outputs.batch",
                batch=batch.name,
                remedy="give the new batch a name of its own",
                code="footprint.batch.twice",
            )
        self.batches[batch.name] = batch

    def _use(self, event: BatchEvent) -> None:
        for part in event.inputs:
            batch = self.batches.get(part.batch)
            if batch is None:
                raise unknown_batch(part.batch, event.event)
            with precise():
                used = self._used.get(part.batch, Decimal(0)) + part.mass
            require_left(part.batch, mass=batch.mass, used=used, event=event.event)
            self._used[part.batch] = used

    def _makers(self, event: BatchEvent) -> Iterator[LoggedEvent]:
        for part in event.inputs:
            maker = self.batches[part.batch].made_by
            if isinstance(maker, LoggedEvent):
                yield maker

    def _require_acyclic(self) -> None:
        done: set[int] = set()
        for logged in self.events:
            if id(logged) not in done:
                done.update(id(each) for each in self._walk(logged, done))

    def _walk(self, start: LoggedEvent, done: Iterable[int] = ()) -> list[LoggedEvent]:
        """Events behind ``start`` with it last, each behind those it rests on."""
        finished, path = set(done), {id(start): start}
        found: list[LoggedEvent] = []
        stack = [(start, self._makers(start.event))]
        while stack:
            logged, makers = stack[-1]
            maker = next(makers, None)
            if maker is None:
                stack.pop()
                path.pop(id(logged))
                finished.add(id(logged))
                found.append(logged)
            elif id(maker) in path:
                raise _cycle(list(path.values()), maker)
            elif id(maker) not in finished:
                path[id(maker)] = maker
                stack.append((maker, self._makers(maker.event)))
        return found


def unknown_batch(batch: str, event: str) -> GenealogyError:
    """The refusal of an input that is not there."""
    return GenealogyError(
        "{field}: {event} uses the batch {batch}, which is not there",
        field="inputs.batch",
        batch=batch,
        event=event,
        remedy="log the event that made it first, or what the supplier told of it",
        code="footprint.batch.unknown",
    )


def require_left(batch: str, *, mass: Decimal, used: Decimal, event: str) -> None:
    """Require that no more of a batch is used than there is.

    Raises:
        GenealogyError: More is.
    """
    if used > mass:
        raise GenealogyError(
            "{field}: with {event}, {used} t of {batch} are used, and it has {mass} t",
            field="inputs.mass",
            event=event,
            used=f"{used:f}",
            batch=batch,
            mass=f"{mass:f}",
            remedy="correct the mass, or name the other batch that went in",
            code="footprint.overdrawn",
        )


def _made(logged: LoggedEvent) -> Iterator[Batch]:
    over = logged.event.hand_over
    for output in logged.event.outputs:
        yield Batch(
            name=output.batch,
            product=output.product,
            mass=output.mass,
            ncv=output.ncv,
            organisation=logged.event.organisation if over is None else over.receiver,
            made_by=logged,
        )


def _supplied(supply: LoggedSupply) -> Batch:
    supplied = supply.supplied
    return Batch(
        name=supplied.batch,
        product=supplied.product,
        mass=supplied.mass,
        ncv=supplied.ncv,
        organisation=supplied.organisation,
        made_by=supply,
    )


def _cycle(path: Sequence[LoggedEvent], again: LoggedEvent) -> GenealogyError:
    names = [each.event.event for each in path]
    circle = [*names[names.index(again.event.event) :], again.event.event]
    return GenealogyError(
        "{field}: events rest on each other in a circle: {circle}",
        field="inputs.batch",
        circle=" <- ".join(circle),
        remedy="give what comes back a new name, or leave out what circulates inside a process",
        code="footprint.cycle",
    )
