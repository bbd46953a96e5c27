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

    with open_log(home) as (_settings, _files, store):
        found = figures_of_log(store).recompute(index)
    if output is Output.JSON:
        answer = {
            "leaf": index,
            "same": True,
            "leaves": found.leaves,
            "result": found.result.digest.hex(),
            "figures": [each.write() for each in found.emission.figures],
        }
        show(answer, output=output)
        return
    print_emission(index, found.emission, flags=found.result.flags, marks=found.result.marks)
    say("computed again from {leaves} leaves: the same digits", leaves=found.leaves)
