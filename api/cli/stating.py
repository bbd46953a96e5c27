"""Sign statements with a key of the home and log them, whether the node runs or not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from api.cli.handing_in import leaf_of, post_record
from api.cli.options import load
from api.running import only_one, read_running
from trace_node.ids import Origin, from_base64url

if TYPE_CHECKING:
    from api.home import Home
    from api.settings import Settings
    from trace_node.ports.statements import LoggedStatement
    from trace_node.ports.store import Store
    from trace_node.record.statement import Content
    from trace_node.services.log_statement import StatementLog

Take = Callable[[bytes], "LoggedStatement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The log of a node, open to be read and to take statements in.

    Attributes:
        store: To be read.
        take: Hands signed bytes to the log.
        log: Signs a content with the key of the desk and logs it.
        log_together: The same of those of a form, in one commit: all of them or none.
        origin: Origin of the log.
        organisation: The node's organisation.
    """

    store: "Store"
    take: Take
    log: "Callable[[Content], LoggedStatement]"
    log_together: "Callable[[Sequence[Content]], Sequence[LoggedStatement]]"
    origin: Origin
    organisation: str


@contextmanager
def statement_desk(home: Path | None, *, by_authority: bool = False) -> Iterator[Desk]:
    """Open the log of the node in ``home``: by way of the node if it runs, else at first hand.

    Args:
        home: Home folder.
        by_authority: Sign with the authority's key instead of the node's.

    Raises:
        ConfigError: There is no node, or a setting or key is wrong.
        StoreMissingError: It was never started, so there is no log yet.
        UnavailableError: The node runs but does not answer.
    """
    from api.wiring.intake import identity_of
    from trace_node.clock import SystemClock
    from trace_node.crypto import keys
    from trace_node.services.log_statement import signed_statement
    from trace_node.store.sql_store import open_store

    settings, files = load(home)
    with ExitStack() as stack:
        running = read_running(files)
        if running is None:
            stack.enter_context(only_one(files))
        store = open_store(settings.database, identity=identity_of(settings))
        stack.callback(store.close)
        signer = keys.load(
            files.authority_key if by_authority else files.node_key, settings.secret()
        )
        way: _Way
        if running is None:
            way = _direct(settings, files, store, stack)
        else:
            way = _OverHttp(f"{running.url}/ingest/v1/{settings.log}/statements")

        def signed(content: "Content") -> bytes:
            """Sign it as of now."""
            return signed_statement(content, signer=signer, clock=SystemClock())

        yield Desk(
            store=store,
            take=way.take,
            log=lambda content: way.take(signed(content)),
            log_together=lambda contents: way.take_together([signed(each) for each in contents]),
            origin=store.identity.origin,
            organisation=settings.organisation,
        )


@contextmanager
def open_log(home: Path | None) -> "Iterator[tuple[Settings, Home, Store]]":
    """The log of the node in ``home``, to be read."""
    from api.wiring.intake import identity_of
    from trace_node.store.sql_store import open_store

    settings, files = load(home)
    store = open_store(settings.database, identity=identity_of(settings))
    try:
        yield settings, files, store
    finally:
        store.close()


def _direct(
    settings: "Settings", files: "Home", store: "Store", stack: ExitStack
) -> "StatementLog":
    from api.wiring.board import library_of
    from api.wiring.intake import statement_log
    from trace_node.clock import SystemClock
    from trace_node.services.enrolled import EnrolmentBook
    from trace_node.services.group_commit import GroupCommit

    clock = SystemClock()
    library = library_of(files, clock=clock)
    writer = GroupCommit(store)
    stack.callback(writer.close)
    book = EnrolmentBook(store, clock=clock)
    return statement_log(
        settings, files, store=store, writer=writer, book=book, library=library, clock=clock
    )


class _Way(Protocol):
    """How signed statements get into the log."""

    def take(self, raw: bytes) -> "LoggedStatement":
        """One of them."""

    def take_together(self, raws: "Sequence[bytes]") -> "Sequence[LoggedStatement]":
        """Those of a form: all of them or none."""


@dataclass(frozen=True, slots=True)
class _OverHttp:
    """By way of the node, which runs."""

    url: str

    def take(self, raw: bytes) -> "LoggedStatement":
        """Post it; what comes back is where it is logged."""
        return _logged(post_record(self.url, raw), raw)

    def take_together(self, raws: "Sequence[bytes]") -> "Sequence[LoggedStatement]":
        """Post them, one a line: in canonical form none holds a line feed."""
        said = post_record(
            f"{self.url}/together",
            b"\n".join(raws),
            media_type="application/x-ndjson",
            count=len(raws),
        )
        rows: Any = said["statements"]
        return [_logged(row, raw) for row, raw in zip(rows, raws, strict=True)]


def _logged(data: "Mapping[str, object]", raw: bytes) -> "LoggedStatement":
    from trace_node.ports.statements import LoggedStatement
    from trace_node.services.statement_types import parse_statement

    return LoggedStatement(
        index=leaf_of(data),
        digest=from_base64url(str(data["digest"]), size=32, field="digest"),
        kind=str(data["kind"]),
        topic=str(data["topic"]),
        content_key=parse_statement(raw).content_key,
    )
