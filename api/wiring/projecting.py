"""The task that derives readings, periods and findings from the log."""

from api.periodic import Periodic
from api.wiring.intake import Intake
from trace_node.clock import Clock
from trace_node.crypto.signer import Signer
from trace_node.ports.store import Store
from trace_node.services.group_commit import GroupCommit
from trace_node.services.project import Projector

PROJECT_INTERVAL = 1


def projecting(
    intake: Intake, *, store: Store, writer: GroupCommit, signer: Signer, clock: Clock
) -> tuple[Periodic, ...]:
    """The task; none for opaque entries."""
    if intake.book is None:
        return ()
    projector = Projector(
        store=store,
        writer=writer,
        book=intake.book,
        signer=signer,
        clock=clock,
        precedence=intake.precedence,
    )
    interval = PROJECT_INTERVAL
    verb = projector.catch_up if intake.term is None else intake.term.guarded(projector.catch_up)
    return (Periodic(name="project", verb=verb, interval=interval, on_stop=projector.close),)
