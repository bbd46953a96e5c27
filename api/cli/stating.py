"""Sign statements with the node's key and log them, whether the node runs or not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from api.cli.options import load
from api.running import only_one, read_running
from trace_node.errors import InputError, UnavailableError
from trace_node.ids import from_base64url

if TYPE_CHECKING:
    from api.home import Home
    from api.settings import Settings
    from trace_node.ports.statements import LoggedStatement
    from trace_node.ports.store import Store
    from trace_node.quota.records.statement import Content

TIMEOUT_S = 30
Take = Callable[[bytes], "LoggedStatement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The log of a node, open to be read and to take statements in.

    Attributes:
        store: To be read.
        take: Hands signed bytes to the log.
        log: Signs a content with the node's key and logs it.
        organisation: The node's organisation.
    """

    store: "Store"
    take: Take
    log: "Callable[[Content], LoggedStatement]"
    organisation: str


@contextmanager
def statement_desk(home: Path | None) -> Iterator[Desk]:
    """Open the log of the node in ``home``: by way of the node if it runs, else at first hand.

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
        signer = keys.load(files.node_key, settings.secret())
        if running is None:
            take = _direct(store, stack)
        else:
            take = _over_http(f"{running.url}/ingest/v1/{settings.log}/market-statements")

        def log(content: "Content") -> "LoggedStatement":
            """Sign and log."""
            return take(signed_statement(content, signer=signer, clock=SystemClock()))

        yield Desk(store=store, take=take, log=log, organisation=settings.organisation)


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


def _direct(store: "Store", stack: ExitStack) -> Take:
    from trace_node.clock import SystemClock
    from trace_node.services.enrolled import EnrolmentBook
    from trace_node.services.group_commit import GroupCommit
    from trace_node.services.log_statement import StatementLog

    clock = SystemClock()
    writer = GroupCommit(store)
    stack.callback(writer.close)
    book = EnrolmentBook(store, clock=clock)
    return StatementLog(writer=writer, book=book, clock=clock).take


def _over_http(url: str) -> Take:
    from trace_node.quota.records.parse import parse_statement
    from trace_node.services.log_statement import statement_row

    def take(raw: bytes) -> "LoggedStatement":
        """Post it; what comes back is where it is logged."""
        data = _post(url, raw)
        digest = from_base64url(str(data["digest"]), size=32, field="digest")
        return statement_row(parse_statement(raw), index=int(str(data["index"])), digest=digest)

    return take


def _post(url: str, raw: bytes) -> dict[str, object]:
    try:
        answer = httpx.post(url, content=raw, timeout=TIMEOUT_S, trust_env=False)
        said = answer.json()
        if answer.is_success:
            return dict(said["data"])
        message, code = str(said["message"]), str(said["data"]["reason"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise UnavailableError(
            "the node at {url} does not answer: {detail}",
            field="url",
            url=url,
            detail=str(error) or type(error).__name__,
            remedy="look at its log",
        ) from error
    if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise UnavailableError("{message}", message=message, code=code)
    raise InputError("{message}", message=message, code=code)
