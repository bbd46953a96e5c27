"""What imports of Excel forms share: the documents behind the rows, and what became of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.allowance_log import file_digest, logged_row, print_logged
from api.cli.options import Output, say, show

if TYPE_CHECKING:
    from trace_node.ports.statements import LoggedStatement
    from trace_node.services.form_cells import EvidenceOf

FormEvidenceOption = Annotated[
    Path,
    typer.Option(
        "--evidence",
        help="The document behind the form, or the folder with those that its rows name.",
    ),
]


def documents(path: Path) -> "EvidenceOf":
    """The documents of a form: one for all rows, or those of a folder by the name of their file.

    Raises:
        InputError: One cannot be read.
        TooLargeError: One is over 64 MiB.
    """
    from trace_node.services.form_cells import evidence_by

    if path.is_dir():
        files = {each.name: file_digest(each) for each in path.iterdir() if each.is_file()}
        return evidence_by(files, default=None)
    digest = file_digest(path)
    return evidence_by({path.name: digest}, default=digest)


def print_imported(logged: "Sequence[LoggedStatement]", *, output: Output, empty: int = 0) -> None:
    """Where each record was logged, and how many rows had no figure."""
    if output is Output.JSON:
        show([logged_row(each) for each in logged], output=output)
        return
    for each in logged:
        print_logged(each, output)
    say("{count} records", count=len(logged))
    if empty:
        say("{count} rows without a figure", count=empty)
