"""``trace-node chain``: the contract and the log's head on the chain."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, load, show
from api.exit_codes import PENDING
from trace_node.canonical_json import JsonObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.home import Home
    from api.settings import Settings
    from api.wiring.chain_owner import OwnerDesk
    from trace_node.services.anchor import AnchorReport

LOOK_S = 1
MOST_WAIT_S = 3600

group = typer.Typer(
    no_args_is_help=True,
    help="Deploy the contract; show and change what is on the chain.",
)


@group.command()
def deploy(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """Deploy the CheckpointRegistry and open the log, unless that was done already."""
    _show_chain(home, output, deploy_contract=True)


@group.command()
def status(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """Show where the contract is and which head it holds."""
    _show_chain(home, output, deploy_contract=False)


@group.command()
def anchor(
    wait: Annotated[
        int, typer.Option(help="Seconds to wait until it is final.", min=0, max=MOST_WAIT_S)
    ] = 60,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Anchor the newest checkpoint now, and wait until that is final."""
    import time
    from contextlib import closing

    from api.wiring.chain_child import reachable
    from api.wiring.chain_side import connected
    from api.wiring.intake import identity_of
    from trace_node.clock import SystemClock
    from trace_node.store.sql_store import open_store

    settings, files = load(home)
    with (
        closing(open_store(settings.database, identity=identity_of(settings))) as store,
        reachable(settings, files) as url,
        connected(settings, files, url=url, clock=SystemClock(), deploy=False) as side,
    ):
        anchoring = side.anchoring(store, side.start_check(store, files))
        report = anchoring.anchor_until_final(
            pause=lambda: time.sleep(LOOK_S), passes=1 + wait // LOOK_S
        )
    show(_anchored(report), output=output)
    if not report.settled:
        raise typer.Exit(PENDING)


def _anchored(report: "AnchorReport") -> JsonObject:
    found = report.anchor
    return {
        "size": report.chain.size,
        "root": report.chain.root.hex(),
        "pending": report.pending,
        "final": report.final,
        "block": found.block_number if found else None,
        "transaction": "0x" + found.transaction_hash.hex() if found else None,
    }


@group.command("rotate-signer")
def rotate_signer(
    key_lost: Annotated[
        bool, typer.Option("--key-lost", help="The present signer's key file is gone for good.")
    ] = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Let a new key anchor the log, and the old one no longer; the node must be down.

    Needs the owner's key. A command that broke off is given again and goes on where it stopped.
    """
    from api.cli.rotating import keep_binding
    from chain.addresses import checksum_address

    settings, files = load(home)
    with _as_owner(settings, files) as desk:
        _require_same_history(desk)
        rotation = desk.hand_over(lost=key_lost)
        bound = keep_binding(settings, files, address=checksum_address(rotation.new))
        desk.finish(rotation)
    shown: JsonObject = {
        "log_id": "0x" + rotation.log_id.hex(),
        "old_signer": None if rotation.old is None else checksum_address(rotation.old),
        "signer": checksum_address(rotation.new),
        "size": rotation.head.size,
        "root": rotation.head.root.hex(),
        "registration_kept": bound,
    }
    show(shown, output=output)


@group.command()
def successor(
    old_log_id: Annotated[str, typer.Argument(help="Log to close for good: 0x, 64 hex digits.")],
    size: Annotated[
        int, typer.Option(help="Size of its head on the chain: it cannot be undone.", min=0)
    ],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Close a log whose entries are lost, and open the log of this home as its successor.

    Needs the owner's key of the old log, and the record of the contract (deployment.json).
    """
    from chain.addresses import checksum_address, parse_log_id

    settings, files = load(home)
    old = parse_log_id(old_log_id, field="OLD_LOG_ID")
    with _as_owner(settings, files) as desk:
        log_id, info = desk.succeed(old, size=size)
    before = info.predecessor_head
    shown: JsonObject = {
        "log_id": "0x" + log_id.hex(),
        "signer": checksum_address(info.signer),
        "predecessor": "0x" + old.hex(),
        "predecessor_size": before.size if before else None,
        "predecessor_root": before.root.hex() if before else None,
    }
    show(shown, output=output)


@contextmanager
def _as_owner(settings: "Settings", files: "Home") -> "Iterator[OwnerDesk]":
    from api.running import only_one
    from api.wiring.chain_child import endpoint
    from api.wiring.chain_owner import owner_desk
    from trace_node.clock import SystemClock

    with (
        only_one(files),
        endpoint(settings, files) as url,
        owner_desk(settings, files, url=url, clock=SystemClock()) as desk,
    ):
        yield desk


def _require_same_history(desk: "OwnerDesk") -> None:
    """The log of this home is the one on the chain, and leads to its head."""
    from contextlib import closing

    from api.wiring.intake import identity_of
    from chain.evidence_folder import EvidenceFolder
    from trace_node.services.start_check import StartCheck
    from trace_node.store.sql_store import open_store

    settings = desk.settings
    with closing(open_store(settings.database, identity=identity_of(settings))) as store:
        StartCheck(
            log_id=desk.log_id,
            history=store.history(),
            registry=desk.registry(),
            evidence=EvidenceFolder(desk.home.evidence),
        ).run()


@group.command()
def serve(home: HomeOption = None) -> None:
    """Serve the embedded chain of a node that is down, for outside tools, until stopped."""
    import signal
    import threading

    from api.wiring.chain_child import kept_chain

    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    settings, files = load(home)
    with kept_chain(settings, files) as chain:
        typer.echo(chain.url)
        while not ending.wait(LOOK_S):
            chain.keep()


def _show_chain(home: HomeOption, output: Output, *, deploy_contract: bool) -> None:
    from api.wiring.chain_child import reachable
    from api.wiring.chain_owner import owner_desk
    from api.wiring.chain_side import connected
    from chain.addresses import checksum_address
    from chain.config import shown_url
    from trace_node.clock import SystemClock

    settings, files = load(home)
    with (
        reachable(settings, files) as url,
        connected(settings, files, url=url, clock=SystemClock(), deploy=deploy_contract) as side,
    ):
        head = side.registry.head(side.log_id)
        with owner_desk(settings, files, url=url, clock=SystemClock()) as desk:
            info = desk.contract.log_info(side.log_id)
        show(
            {
                "endpoint": shown_url(side.url),
                "engine": side.engine,
                "chain_id": side.deployment.chain_id,
                "contract": "0x" + side.deployment.contract.hex(),
                "log_id": "0x" + side.log_id.hex(),
                "size": head.size if head else None,
                "root": head.root.hex() if head else None,
                "owner": checksum_address(info.owner) if info else None,
                "signer": checksum_address(info.signer) if info else None,
                "predecessor": _shown_id(info.predecessor if info else None),
                "successor": _shown_id(info.successor if info else None),
            },
            output=output,
        )


def _shown_id(log_id: bytes | None) -> str | None:
    """A log id as it is shown; None where there is none."""
    return None if log_id is None else "0x" + log_id.hex()
