"""A node over a real store for HTTP tests: real keys, enrolled meters, sealed and anchored entries.

``NodeApp`` holds the services behind the application; ``make_app`` gives the application itself, to
be served by ``support.servers.serving``.
"""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp
from support.builders import NOW, ORGANISATION, key
from support.plant import Plant, plant, statement_log
from support.stores import IDENTITY, new_store
from support.usual_engine import USUAL

from api.app import create_app
from api.home import Home
from api.market import Market
from api.services import BoardServices, LinkState, Services
from api.settings import Settings
from api.tokens import Role, TokenFile
from api.wiring.board import desks_of
from trace_node.clock import FixedClock
from trace_node.ids import Origin
from trace_node.ports.anchoring import AnchorState
from trace_node.ports.entries import OPAQUE, LogIdentity, StoredCheckpoint
from trace_node.ports.log_reader import LogReader
from trace_node.services.allocation import RuleLibrary
from trace_node.services.group_commit import GroupCommit
from trace_node.services.ingest import OpaqueIngest
from trace_node.services.log_statement import signed_statement
from trace_node.services.project import Projector
from trace_node.services.prove import prove_entry
from trace_node.services.prove_period import prove_period
from trace_node.services.report_desk import ReportDesk
from trace_node.services.seal import Seal
from trace_node.store.archive_file import FileArchive
from trace_node.store.ledger_mirror import SqlLedgerMirror
from trace_node.store.sql_store import SqlStore
from trace_node.tlog.anchor import Anchor, AnchoredHead
from trace_node.tlog.note_keys import Sm2NoteSigner

LOG = "plant-a"
INTEROP_LOG = "interop"
INTEROP_IDENTITY = LogIdentity(
    origin=Origin(f"trace-node.local/{INTEROP_LOG}/sm3"), hash_name="sm3", profile=OPAQUE
)
DAYS = 30


@dataclass(kw_only=True)
class NodeApp:
    """A node's services and what is around them."""

    services: Services
    plant: Plant
    seal: Seal
    projector: Projector
    clock: FixedClock
    chain_note: list[str] = field(default_factory=list)
    links: list[LinkState] = field(default_factory=list)

    def token(self, role: Role = Role.VERIFIER, organisation: str | None = ORGANISATION) -> str:
        """A token, fresh unless one of that role and scope was issued."""
        return self.services.tokens.issue(
            name=f"{role.value}-{organisation}", role=role, organisation=organisation, days=DAYS
        )

    def settle(self) -> StoredCheckpoint:
        """Take in what was delivered, and seal it."""
        self.projector.project_once()
        sealed = self.seal.seal_once()
        assert sealed is not None
        return sealed

    def anchor(
        self, *, state: AnchorState = AnchorState.FINAL, transaction_hash: bytes | None = None
    ) -> Anchor:
        """Record an anchor of the newest checkpoint, as if a chain had said so."""
        store = self.plant.store
        newest = store.reader().checkpoint()
        assert newest is not None
        requests = store.anchor_requests()
        before = requests.newest()
        anchor = Anchor(
            engine="embedded",
            chain_id=20260,
            genesis_hash=b"\1" * 32,
            contract=b"\2" * 20,
            log_id=b"\3" * 32,
            transaction_hash=transaction_hash or secrets.token_bytes(32),
            block_number=7 if before is None else before.block_number + 1,
            block_hash=secrets.token_bytes(32),
            block_time=int((self.clock.now() + timedelta(seconds=5)).timestamp()),
            previous=AnchoredHead(size=0, root=b"\4" * 32) if before is None else before.head,
            head=AnchoredHead(size=newest.size, root=newest.root),
        )
        requests.mark(size=newest.size, state=AnchorState.SUBMITTED)
        requests.mark(size=newest.size, state=AnchorState.MINED, anchor=anchor)
        if state is AnchorState.FINAL:
            requests.mark(size=newest.size, state=state, anchor=anchor)
        return anchor


@contextmanager
def node_app(folder: Path, **changes: Any) -> Iterator[NodeApp]:
    """A node that serves collectors; ``changes`` replace members of its services."""
    clock = FixedClock(NOW)
    with ExitStack() as stack:
        store = stack.enter_context(new_store(USUAL, folder, identity=IDENTITY, clock=clock))
        here = stack.enter_context(plant(store, clock=clock))
        archive = FileArchive(folder / "archive")
        stack.callback(archive.close)
        signers = [Sm2NoteSigner(name=IDENTITY.origin, signer=key("log"))]
        made = NodeApp(
            services=_services(folder, here, clock, **changes),
            plant=here,
            seal=Seal(store=store, archive=archive, signers=signers, clock=clock),
            projector=Projector(store=store, writer=here.writer, signer=key("node"), clock=clock),
            clock=clock,
        )
        told = {"chain_note": lambda: "; ".join(made.chain_note), "links": lambda: made.links}
        told |= {name: changes[name] for name in told if name in changes}
        made.services = replace(made.services, **told)
        yield made


@dataclass(kw_only=True)
class InteropApp:
    """A node of the interop profile."""

    app: ASGIApp
    store: SqlStore
    reader: LogReader


@contextmanager
def interop_app(folder: Path, *, capacity: int = 200_000, **changes: Any) -> Iterator[InteropApp]:
    """A node that takes opaque entries; ``capacity`` is how many may wait."""
    clock = FixedClock(NOW)
    settings = Settings(home=folder, log=INTEROP_LOG, organisation=ORGANISATION, interop=True)
    with new_store(USUAL, folder, identity=INTEROP_IDENTITY, clock=clock) as store:
        writer = GroupCommit(store, capacity=capacity)
        try:
            ingest = OpaqueIngest(identity=INTEROP_IDENTITY, writer=writer)
            values = {
                **_common(folder, settings, clock),
                "reader": store.reader(),
                "deliver": _refuse,
                "enrol": _refuse,
                "state": _refuse,
                "state_together": _refuse,
                "add_opaque": ingest.add_together,
                "prove": _refuse,
                "prove_period": _refuse,
                "queue_depth": lambda: writer.depth,
                "market": _market(store),
            }
            services = Services(**(values | changes))
            yield InteropApp(app=create_app(services), store=store, reader=store.reader())
        finally:
            writer.close()


def make_app(node: NodeApp) -> ASGIApp:
    """The application over a node's services."""
    return create_app(node.services)


def _services(folder: Path, here: Plant, clock: FixedClock, **changes: Any) -> Services:
    settings = Settings(home=folder, log=LOG, organisation=ORGANISATION)
    reader = here.store.reader()
    signed = partial(signed_statement, signer=key("node"), clock=clock)
    values = {
        **_common(folder, settings, clock),
        "reader": reader,
        "deliver": here.ingest.submit,
        "enrol": here.enrolment.enrol,
        "state": statement_log(here).take,
        "state_together": statement_log(here).take_together,
        "add_opaque": None,
        "prove": lambda index: prove_entry(index, reader=reader),
        "prove_period": lambda request: prove_period(request, reader=reader),
        "queue_depth": lambda: here.writer.depth,
        "board": _boards(folder, here, clock),
        "market": _market(here.store),
        "reports": ReportDesk(
            store=here.store,
            signer=key("node"),
            log=lambda content: statement_log(here).take(signed(content)),
            log_together=lambda contents: statement_log(here).take_together(
                [signed(each) for each in contents]
            ),
        ),
    }
    return Services(**(values | changes))


def _boards(folder: Path, here: Plant, clock: FixedClock) -> BoardServices:
    desks = desks_of(Home(folder), here.store, clock=clock)
    return BoardServices(boards=desks.boards, alerts=desks.alerts, plans=desks.plans)


def _common(folder: Path, settings: Settings, clock: FixedClock) -> dict[str, Any]:
    return {
        "settings": settings,
        "clock": clock,
        "tokens": TokenFile(folder / "tokens.json", clock),
        "trust_root": folder / "trust-root.json",
        "link_secret": b"\5" * 32,
        "links": list,
        "chain_note": str,
        "intake_note": str,
        "wake": lambda: None,
    }


def _market(store: SqlStore) -> Market:
    return Market(
        store=store,
        holdings=SqlLedgerMirror(store.database),
        library=RuleLibrary.packaged(),
    )


def _refuse(_given: object) -> Any:
    raise AssertionError("this profile does not get here")
