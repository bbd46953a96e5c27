"""What ``trace-node order new`` is told."""

from pathlib import Path
from typing import Annotated

import typer

KindArgument = Annotated[
    str, typer.Argument(help="Kind of the order, such as LISTED or SURRENDER.")
]
NewFileArgument = Annotated[Path, typer.Argument(help="The order file to write (.tnorder).")]
SourceOption = Annotated[int, typer.Option("--from", help="Account it takes from.", min=0)]
TargetOption = Annotated[int, typer.Option("--to", help="Account that receives.", min=0)]
SubjectOption = Annotated[
    int, typer.Option(help="Class, obligation, arrear, place or instrument, by kind.", min=0)
]
LotOption = Annotated[
    list[str] | None, typer.Option(help="A lot, as LOT:TONNES; repeatable.", show_default=False)
]
QuantityOption = Annotated[
    str | None,
    typer.Option(
        help="Whole tonnes; the lots are chosen by the node in --node, oldest first.",
        show_default=False,
    ),
]
ClassOption = Annotated[
    int | None, typer.Option("--class", help="Choose lots of this class only.", min=1)
]
ReasonOption = Annotated[str | None, typer.Option(help="Why; its digest goes on the chain.")]
NumberOption = Annotated[
    str | None, typer.Option(help="Number of the registry or trade; code of a new class.")
]
PrivateOption = Annotated[
    list[str] | None,
    typer.Option(
        help="What is committed to and kept in a private file, as NAME=TEXT: price,"
        " counterparty, beneficiary; repeatable.",
        show_default=False,
    ),
]
DeadlineOption = Annotated[
    str, typer.Option(help="Last time it may be used, or a span from now: +12h, +7d.")
]
NotBeforeOption = Annotated[
    str | None, typer.Option(help="First time it may be carried out.", show_default=False)
]
