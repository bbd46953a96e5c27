"""How entries get into the log of a node: signed deliveries, or opaque entries."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from api.home import Home
from api.settings import Settings
from api.wiring import registrations
from api.wiring.trust_file import stored_trust_root
from trace_node.clock import Clock
from trace_node.crypto import keys
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm2 import PublicKey
from trace_node.errors import AccessError, ConfigError, InputError, IntegrityError, NotFoundError
from trace_node.ids import Origin
from trace_node.ports.entries import OPAQUE, LogIdentity
from trace_node.ports.statements import LoggedStatement
from trace_node.ports.store import Store
from trace_node.services.board_rules import BoardLibrary
from trace_node.services.delivery_read import Read, read_here
from trace_node.services.delivery_write import Acknowledgement
from trace_node.services.enrol import Enrolment
from trace_node.services.enrolled import EnrolmentBook
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest import COLLECTORS, Ingest, OpaqueIngest
from trace_node.services.log_statement import StatementLog
from trace_node.services.node_key_term import NodeKeyTerm
from trace_node.services.precedence import Precedence
from trace_node.services.seen_heads import IsAnchored


def identity_of(settings: Settings) -> LogIdentity:
    """Which log the settings speak of."""
    origin = settings.log_origin
    return LogIdentity(
        origin=Origin(origin),
        hash_name=origin.rpartition("/")[2],
        profile=OPAQUE if settings.interop else COLLECTORS,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What may be handed to the writer.

    Attributes:
        deliver: Takes a signed delivery.
        enrol: Takes a registration.
        state: Takes a signed statement.
        state_together: Takes signed statements of a form in one commit, all of them or none.
        add_opaque: Takes opaque entries together; None where collectors are served.
        book: What is enrolled; None for opaque entries.
        precedence: Knows of the deliveries in hand.
        term: Watches the node's key; None for opaque entries, for which it signs nothing.
    """

    deliver: Callable[[bytes], Future[Acknowledgement]]
    enrol: Callable[[bytes], int]
    state: Callable[[bytes], LoggedStatement]
    state_together: Callable[[Sequence[bytes]], Sequence[LoggedStatement]]
    add_opaque: Callable[[Sequence[bytes]], Future[int]] | None
    book: EnrolmentBook | None
    precedence: Precedence
    term: NodeKeyTerm | None = None


def make_intake(
    settings: Settings,
    home: Home,
    *,
    store: Store,
    writer: GroupCommit,
    node_key: Signer,
    is_anchored: IsAnchored,
    library: BoardLibrary,
    clock: Clock,
    read: Read = read_here,
) -> Intake:
    """Make the intake of the log's profile, and enrol what is registered in the home folder.

    Raises:
        ConfigError: A registration cannot be enrolled, or none of them is of the node's own key.
    """
    if settings.interop:
        return _opaque_intake(store, writer)
    book = EnrolmentBook(store, clock=clock)
    enrolment = Enrolment(
        origin=store.identity.origin,
        authorities=authorities_of(settings, home),
        writer=writer,
        book=book,
    )
    for path in registrations.files(home):
        _enrol_file(path, enrolment)
    _require_enrolled(node_key, book=book, path=home.node_key, clock=clock)
    term = NodeKeyTerm(book=book, key_id=node_key.public.key_id, clock=clock)
    precedence = Precedence()
    ingest = Ingest(
        store=store,
        writer=writer,
        signer=node_key,
        book=book,
        clock=clock,
        tolerance=timedelta(seconds=settings.future_tolerance),
        is_anchored=is_anchored,
        precedence=precedence,
        read=read,
    )
    statements = statement_log(
        settings, home, store=store, writer=writer, book=book, library=library, clock=clock
    )
    return Intake(
        deliver=term.guarded(ingest.submit),
        enrol=enrolment.enrol,
        state=statements.take,
        state_together=statements.take_together,
        add_opaque=None,
        book=book,
        precedence=precedence,
        term=term,
    )


def _opaque_intake(store: Store, writer: GroupCommit) -> Intake:
    """The intake of a log of opaque entries, which takes nothing else."""
    opaque = OpaqueIngest(identity=store.identity, writer=writer)
    return Intake(
        deliver=_refuse_delivery,
        enrol=_refuse_enrolment,
        state=_refuse_statement,
        state_together=_refuse_statements,
        add_opaque=opaque.add_together,
        book=None,
        precedence=Precedence(),
    )


def statement_log(
    settings: Settings,
    home: Home,
    *,
    store: Store,
    writer: GroupCommit,
    book: EnrolmentBook,
    library: BoardLibrary,
    clock: Clock,
) -> StatementLog:
    """What takes statements in."""
    return StatementLog(
        origin=store.identity.origin,
        authorities=authorities_of(settings, home),
        writer=writer,
        book=book,
        library=library,
        clock=clock,
    )


def authorities_of(settings: Settings, home: Home) -> Sequence[PublicKey]:
    """Who may register keys and devices: whom the trust root names, or else the key in the home."""
    trusted = stored_trust_root(home)
    if trusted is None:
        return [keys.load(home.authority_key, settings.secret()).public]
    return [key.public for key in trusted.root.device_authorities]


def _enrol_file(path: Path, enrolment: Enrolment) -> None:
    try:
        enrolment.enrol(path.read_bytes())
    except (InputError, AccessError, IntegrityError) as error:
        raise ConfigError(
            "{path}: cannot be enrolled: {detail}",
            field="registrations",
            path=str(path),
            detail=error.message,
            remedy="move the file away, and register anew what it described",
            code="config.registration",
        ) from error


def _require_enrolled(node_key: Signer, *, book: EnrolmentBook, path: Path, clock: Clock) -> None:
    """What a key signs that the log does not know would be held against the log for ever."""
    known = book.current.key(node_key.public.key_id, usage="node", at=clock.now())
    if known is None:
        raise ConfigError(
            "{path}: the key {key} is not enrolled as the key of a node at this time",
            field="node_key",
            path=str(path),
            key=node_key.public.key_id,
            remedy="register it: trace-node keys enrol FILE --usage node --subject NAME",
            code="config.node_key",
        )


def _refuse_delivery(_body: bytes) -> Future[Acknowledgement]:
    raise _other_profile()


def _refuse_enrolment(_raw: bytes) -> int:
    raise _other_profile()


def _refuse_statement(_raw: bytes) -> LoggedStatement:
    raise _other_profile()


def _refuse_statements(_raws: Sequence[bytes]) -> Sequence[LoggedStatement]:
    raise _other_profile()


def _other_profile() -> NotFoundError:
    return NotFoundError(
        "this log takes opaque entries only",
        code="not_found.profile",
        remedy="send deliveries to a node that serves collectors",
    )
