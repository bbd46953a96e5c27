"""What the HTTP layer is given by the composition root."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from api.market import Market
from api.settings import Settings
from api.tokens import TokenFile
from trace_node.clock import Clock
from trace_node.ports.ledger_mirror import LedgerMirror
from trace_node.ports.ledger_mirror_head import Stop
from trace_node.ports.log_reader import LogReader
from trace_node.ports.orders import OrderFigures
from trace_node.ports.statements import LoggedStatement
from trace_node.services.board import QuotaBoards
from trace_node.services.board_alerts import BoardAlerts
from trace_node.services.delivery_write import Acknowledgement
from trace_node.services.footprint_forward import ForwardWalk
from trace_node.services.footprints import FootprintDesk
from trace_node.services.ledger_health import LedgerHealth
from trace_node.services.ledger_queries import LedgerQueries
from trace_node.services.node_key_term import KeyTerm
from trace_node.services.orders import OrderDesk
from trace_node.services.prove_period import PeriodRequest
from trace_node.services.report_desk import ReportDesk
from trace_node.services.usage_plans import PlanDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """One link's quality, for the status page and the metrics.

    Attributes:
        collector: Key id of the collector whose link it is.
        name: Name of the link, one of its collector's.
        round_trip_us: Newest smoothed round-trip time, microseconds; None before the first answer.
        sent: Requests sent.
        lost: Requests without an answer in time.
        outages: Times the link went down.
        down_since: RFC 3339 time of the present outage; None while it is up.
    """

    collector: str
    name: str
    round_trip_us: int | None
    sent: int
    lost: int
    outages: int
    down_since: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDesk:
    """What takes orders of the ledger.

    Attributes:
        orders: Takes orders and carries them on.
        mirror: The copy of the chain's state.
        organisations: Number on the ledger of each organisation that tokens may name.
    """

    orders: OrderDesk
    mirror: LedgerMirror
    organisations: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFaces:
    """What is shown of the ledger's mirror.

    Attributes:
        queries: Answers from it.
        health: How far it has come.
        joined: Whether a ledger is recorded.
        orders_stopped: Why no order may be sent now; None while orders may be sent.
        order_figures: How many orders this node keeps.
        note: What holds the following of it up at the moment; empty while nothing does.
    """

    queries: LedgerQueries
    health: LedgerHealth
    joined: Callable[[], bool]
    orders_stopped: Callable[[], Stop | None]
    order_figures: Callable[[], OrderFigures]
    note: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardServices:
    """The verbs of the boards.

    Attributes:
        boards: Computes boards.
        alerts: Raises, shows and acknowledges alerts.
        plans: Keeps and compares usage plans.
    """

    boards: QuotaBoards
    alerts: BoardAlerts
    plans: PlanDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class FootprintServices:
    """The verbs of batches.

    Attributes:
        desk: Computes footprints.
        walk: Walks forward from leaves and batches.
    """

    desk: FootprintDesk
    walk: ForwardWalk


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The verbs and values that routes may use.

    Attributes:
        settings: The node's settings.
        clock: Time.
        tokens: Who may see what.
        reader: The log.
        deliver: Hands a delivery to the writer; the future ends after the commit.
        enrol: Logs a registration of a key or meter and returns its leaf index.
        state: Logs a signed statement and returns how it is found again.
        state_together: Logs signed statements of a form in one commit, all of them or none.
        add_opaque: Hands opaque entries to the writer together; the future ends with the index of
            the first. None where collectors are served.
        prove: Builds the proof bundle of one entry, as the bytes of a ``.tnproof`` file.
        prove_period: Builds the period bundle of meters.
        trust_root: File that outsiders are offered, if the operator made one.
        link_secret: Key of the links that open one bundle each.
        queue_depth: Records that wait for the writer.
        links: Quality of every link of this node.
        intake_note: Why nothing can be taken in; empty while it can.
        chain_note: What holds the background verbs up at the moment; empty while nothing does.
        market: Logged statements, imported registry files, openings and disclosures.
        wake: Seals and anchors now instead of at the next interval.
        ledger: The ledger's mirror; None in a node that has no place for one.
        orders: Gives what takes orders of the ledger; that is None while none is joined.
        board: Boards of enterprises; None for a log of opaque entries.
        footprints: Footprints of batches; None for a log of opaque entries.
        reports: Reports and evidence packages; None for a log of opaque entries.
        node_key: Until when the node's key signs; gives None for a log of opaque entries.
    """

    settings: Settings
    clock: Clock
    tokens: TokenFile
    reader: LogReader
    deliver: Callable[[bytes], Future[Acknowledgement]]
    enrol: Callable[[bytes], int]
    state: Callable[[bytes], LoggedStatement]
    state_together: Callable[[Sequence[bytes]], Sequence[LoggedStatement]]
    add_opaque: Callable[[Sequence[bytes]], Future[int]] | None
    prove: Callable[[int], bytes]
    prove_period: Callable[[PeriodRequest], bytes]
    trust_root: Path
    link_secret: bytes
    queue_depth: Callable[[], int]
    links: Callable[[], Sequence[LinkState]]
    intake_note: Callable[[], str]
    chain_note: Callable[[], str]
    market: Market
    wake: Callable[[], None]
    ledger: LedgerFaces | None = None
    orders: Callable[[], LedgerDesk | None] = lambda: None
    board: BoardServices | None = None
    footprints: FootprintServices | None = None
    reports: ReportDesk | None = None
    node_key: Callable[[], KeyTerm | None] = lambda: None
