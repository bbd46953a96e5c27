"""``trace-node recompute``: a figure again, from the leaves of the log."""

from typing import Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show


def recompute(
    index: Annotated[int, typer.Argument(min=0, help="Leaf of the emission record.")],
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Compute a figure again from leaves, factors and method: same digits, or what differs first.

    Exit code 0: the same digits; 1: something differs, and is named.
    """
    from api.cli.account import print_emission
    from api.cli.stating import open_log
    from trace_node.services.prove_emission import figures_of_log
    from trace_node.services.recompute_beside import recompute_beside

    with open_log(home) as (_settings, _files, store):
        figures = figures_of_log(store)
        found = figures.recompute(index)
        method = figures.methods.get(found.emission.method)
        worth = recompute_beside(found, index, method=method, store=store)
    if output is Output.JSON:
        answer = {
            "leaf": index,
            "same": True,
            "leaves": found.leaves,
            "result": found.result.digest.hex(),
            "figures": [each.write() for each in found.emission.figures],
            "uncertainty": None if worth is None else worth.index,
        }
        show(answer, output=output)
        return
    print_emission(index, found.emission, flags=found.result.flags, marks=found.result.marks)
    say("computed again from {leaves} leaves: the same digits", leaves=found.leaves)
    if worth is not None:
        say("its uncertainty, leaf {leaf}, evaluated again: the same digits", leaf=worth.index)
