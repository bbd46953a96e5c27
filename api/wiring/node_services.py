"""What routes are given of a node that was put together."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.home import Home
from api.periodic import Periodic
from api.services import FootprintServices, Services
from api.settings import Settings
from api.tokens import TokenFile
from api.wiring.cosigning import vouched_by
from api.wiring.intake import Intake
from api.wiring.keys import read_link_secret
from api.wiring.links import read_links
from api.wiring.market_side import MarketSide
from api.wiring.sealing_tasks import wake
from trace_node.clock import Clock
from trace_node.crypto.signer import Signer
from trace_node.ports.statements import LoggedStatement
from trace_node.record.statement import Content
from trace_node.services.footprint_forward import ForwardWalk
from trace_node.services.footprints import FootprintDesk
from trace_node.services.group_commit import GroupCommit
from trace_node.services.log_statement import signed_statement
from trace_node.services.node_key_term import KeyTerm
from trace_node.services.prove import Vouched, prove_entry
from trace_node.services.prove_period import prove_period
from trace_node.services.report_desk import ReportDesk
from trace_node.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a node.

    Attributes:
        store: The database.
        writer: The writer of the log.
        intake: What may be handed to it.
        market: The market side.
        tasks: What goes on in the background, but for the ledger.
    """

    store: SqlStore
    writer: GroupCommit
    intake: Intake
    market: MarketSide
    tasks: Sequence[Periodic]


def services_of(
    settings: Settings, home: Home, parts: Parts, *, signer: Signer, clock: Clock
) -> Services:
    """The verbs and values that routes may use.

    Args:
        settings: The node's settings.
        home: Its files.
        parts: What it is made of.
        signer: Its key.
        clock: Time.
    """
    reader, vouched = parts.store.reader(), vouched_by(home)
    return Services(
        settings=settings,
        clock=clock,
        tokens=TokenFile(home.tokens, clock),
        reader=reader,
        deliver=parts.intake.deliver,
        enrol=parts.intake.enrol,
        state=parts.intake.state,
        state_together=parts.intake.state_together,
        add_opaque=parts.intake.add_opaque,
        prove=lambda index: prove_entry(index, reader=reader, vouched=vouched),
        prove_period=lambda request: prove_period(request, reader=reader, vouched=vouched),
        trust_root=home.trust_root,
        link_secret=read_link_secret(home),
        queue_depth=lambda: parts.writer.depth,
        links=lambda: read_links([home.collector_status, *settings.collectors]),
        intake_note=lambda: _stopped(parts),
        chain_note=lambda: _notes(parts.tasks),
        wake=lambda: wake(parts.tasks),
        market=parts.market.market,
        ledger=parts.market.ledger,
        orders=parts.market.orders,
        board=parts.market.board,
        footprints=_footprints(parts),
        reports=_reports(parts, vouched, signer=signer, clock=clock),
        node_key=lambda: _node_key(parts),
    )


def _footprints(parts: Parts) -> FootprintServices | None:
    if parts.intake.add_opaque is not None:
        return None
    store = parts.store
    desk = FootprintDesk(store=store)
    return FootprintServices(desk=desk, walk=ForwardWalk(store))


def _reports(
    parts: Parts, vouched: Vouched | None, *, signer: Signer, clock: Clock
) -> ReportDesk | None:
    if parts.intake.add_opaque is not None:
        return None

    def log(content: Content) -> LoggedStatement:
        """Sign with the key of the node, and log."""
        return parts.intake.state(signed_statement(content, signer=signer, clock=clock))

    def log_together(contents: Sequence[Content]) -> Sequence[LoggedStatement]:
        """The same of those of a form, in one commit."""
        signed = [signed_statement(each, signer=signer, clock=clock) for each in contents]
        return parts.intake.state_together(signed)

    return ReportDesk(
        store=parts.store, log=log, log_together=log_together, signer=signer, vouched=vouched
    )


def _stopped(parts: Parts) -> str:
    if parts.writer.stopped is not None:
        return parts.writer.stopped.message
    return "" if parts.intake.term is None else parts.intake.term.note


def _node_key(parts: Parts) -> KeyTerm | None:
    return None if parts.intake.term is None else parts.intake.term.look()


def _notes(tasks: Sequence[Periodic]) -> str:
    return "; ".join(f"{task.name}: {task.note}" for task in tasks if task.note)
