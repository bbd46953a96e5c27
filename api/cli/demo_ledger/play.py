"""The order of the acts."""

from contextlib import ExitStack
from pathlib import Path

from api.cli.demo_ledger import (
    act_allocation,
    act_closing,
    act_offset,
    act_surrender,
    act_trades,
    boards,
    books,
    offices,
    rules,
)
from api.cli.demo_ledger.stage import set_stage
from api.cli.demo_ledger.world import World
from api.cli.options import say
from api.demo.processes import Processes


def play(folder: Path, *, port: int, processes: Processes, stack: ExitStack) -> World:
    """Play the year, show the boards, and check the books; the node goes on.

    Raises:
        TraceNodeError: Something did not come out as it must.
    """
    say("The national registries of allowances and of CCER are the legal record; this is a copy.")
    world = set_stage(folder, port=port, processes=processes, stack=stack)
    for act in (
        offices.appoint,
        offices.enter,
        rules.register_classes,
        rules.put_rules,
        boards.state_bases,
        act_allocation.pre_allocate,
        act_trades.trade,
        act_allocation.state_figures,
        act_allocation.allocate,
        act_offset.offset,
        act_surrender.surrender,
        act_surrender.carry_over,
        act_surrender.force,
        act_closing.pass_deadline,
        act_closing.fall_short,
        act_closing.close_period,
        boards.show_boards,
        books.tell_totals,
        books.check,
    ):
        act(world)
    return world
