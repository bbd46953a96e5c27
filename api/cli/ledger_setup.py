"""``trace-node ledger deploy`` and ``join``: which ledger this node has to do with."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.ledger_group import group
from api.cli.options import HomeOption, Output, OutputOption, load, show
from trace_node.canonical_json import JsonObject

if TYPE_CHECKING:
    from chain.ledger_record import LedgerDeployment

DAY_S = 86_400


@group.command()
def deploy(
    administrator: Annotated[
        list[str],
        typer.Option(help="Address of an administrator's key; give two or more.", metavar="0x…"),
    ],
    role_delay: Annotated[
        int,
        typer.Option(
            help="Seconds between the approval of a change of office and its effect.", min=1
        ),
    ] = DAY_S,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Deploy the contracts of a new ledger, unless that was done already.

    The owner's key pays and has no rights in them; the administrators grant the first offices.
    """
    from api.wiring.chain_child import reachable
    from api.wiring.ledger_chain import deploy_ledger
    from chain.addresses import parse_address
    from trace_node.clock import SystemClock

    administrators = [parse_address(each, field="--administrator") for each in administrator]
    settings, files = load(home)
    with reachable(settings, files) as url:
        deployed = deploy_ledger(
            settings,
            files,
            url=url,
            clock=SystemClock(),
            administrators=administrators,
            role_delay=role_delay,
        )
    show(ledger_shown(deployed), output=output)


@group.command()
def join(
    address: Annotated[str, typer.Argument(help="Address of the AllowanceRegistry.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Record a ledger that another deployed, after its five contracts were checked."""
    from api.wiring.chain_child import reachable
    from api.wiring.ledger_chain import join_recorded
    from chain.addresses import parse_address

    settings, files = load(home)
    with reachable(settings, files) as url:
        joined = join_recorded(
            settings, files, url=url, address=parse_address(address, field="address")
        )
    show(ledger_shown(joined), output=output)


def ledger_shown(deployment: "LedgerDeployment") -> JsonObject:
    """A record as it is shown."""
    from chain.addresses import checksum_address
    from chain.ledger_contracts import CONTRACT_NAMES

    return {
        "engine": deployment.engine,
        "chain_id": deployment.chain_id,
        "first_block": deployment.first_block,
        **{
            CONTRACT_NAMES[book]: checksum_address(each.address)
            for book, each in deployment.contracts.items()
        },
    }
