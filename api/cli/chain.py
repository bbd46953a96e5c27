"""``trace-node chain``: the contract and the log's head on the chain."""

import typer

from api.cli.options import HomeOption, Output, OutputOption, load, show

LOOK_S = 1

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
