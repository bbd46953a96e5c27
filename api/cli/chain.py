"""``trace-node chain``: the contract and the log's head on the chain."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, load, show
from api.exit_codes import PENDING
from trace_node.canonical_json import JsonObject

if TYPE_CHECKING:
    from trace_node.services.anchor import AnchorReport

LOOK_S = 1
MOST_WAIT_S = 3600

group = typer.Typer(no_args_is_help=True, help="Deploy the contract, show the head on the chain.")


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
    from api.wiring.chain_side import connected
    from chain.config import shown_url
    from trace_node.clock import SystemClock

    settings, files = load(home)
    with (
        reachable(settings, files) as url,
        connected(settings, files, url=url, clock=SystemClock(), deploy=deploy_contract) as side,
    ):
        head = side.registry.head(side.log_id)
        show(
            {
                "endpoint": shown_url(side.url),
                "engine": side.engine,
                "chain_id": side.deployment.chain_id,
                "contract": "0x" + side.deployment.contract.hex(),
                "log_id": "0x" + side.log_id.hex(),
                "size": head.size if head else None,
                "root": head.root.hex() if head else None,
            },
            output=output,
        )
