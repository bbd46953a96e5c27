"""The tasks that seal and anchor, and stop the writer when another history contradicts the log."""

from collections.abc import Sequence
from functools import partial

from api.home import Home
from api.periodic import Periodic
from api.settings import Settings
from api.wiring.sealing import Sealing
from trace_node.clock import Clock
from trace_node.crypto import keys
from trace_node.errors import StateError
from trace_node.ports.archive import Archive
from trace_node.ports.store import Store
from trace_node.services.anchor import AnchorService
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest_errors import LogStoppedError
from trace_node.services.node_key_term import NodeKeyTerm
from trace_node.services.seal import Seal
from trace_node.services.start_check import StartCheck
from trace_node.tlog.note_keys import Sm2NoteSigner


def make_sealing(
    settings: Settings,
    home: Home,
    store: Store,
    archive: Archive,
    *,
    check: StartCheck,
    asking: Sequence[Periodic],
    writer: GroupCommit,
    clock: Clock,
) -> Sealing:
    """What seals with the log's key, and then wakes the tasks that ask for cosignatures."""
    log_key = keys.load(home.log_key, settings.secret())
    signer = Sm2NoteSigner(name=settings.log_origin, signer=log_key)
    return Sealing(
        seal=Seal(store=store, archive=archive, signers=[signer], clock=clock),
        check=check,
        sealed=partial(wake, asking),
        stopped=lambda: writer.stopped,
    )


def wake(tasks: Sequence[Periodic]) -> None:
    """Let tasks come round now instead of at their next interval."""
    for task in tasks:
        task.wake()


def sealing_tasks(
    settings: Settings,
    sealing: Sealing,
    anchoring: AnchorService,
    *,
    writer: GroupCommit,
    term: NodeKeyTerm | None,
) -> tuple[Periodic, Periodic]:
    """The tasks that may find out that the log must not be written any more.

    Nothing is sealed while the node's key may not sign; what is sealed is anchored all the same.
    """
    on_end = partial(_stop_writing, writer)
    round_ = sealing.round if term is None else term.guarded(sealing.round)
    seal, anchor = settings.seal_interval, settings.anchor_interval
    return (
        Periodic(name="seal", verb=round_, interval=seal, on_end=on_end),
        Periodic(name="anchor", verb=anchoring.anchor_once, interval=anchor, on_end=on_end),
    )


def _stop_writing(writer: GroupCommit, error: StateError) -> None:
    """Take in nothing for a log that another history contradicts."""
    writer.stop(
        LogStoppedError(
            "{why}", why=error.message, remedy="{cure}", cure=error.remedy, code=error.reason
        )
    )
