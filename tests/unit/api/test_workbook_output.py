"""``-o xlsx`` of any command: the answer that would be JSON as a workbook, and not on a terminal."""

import io
import json
import sys

import pytest
import typer
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from api.cli.options import Output, OutputOption, show
from trace_node.errors import InputError

ROWS = {"rows": [{"source": "boiler", "mass": "1.5"}]}
app = typer.Typer()


@app.command()
def answer(output: OutputOption = Output.TEXT) -> None:
    if output is Output.JSON:
        show(ROWS, output=output)
    else:
        typer.echo("for people")


def test_a_workbook_is_what_json_would_be() -> None:
    made = CliRunner().invoke(app, ["-o", "xlsx"])
    assert made.exit_code == 0
    book = CalamineWorkbook.from_filelike(io.BytesIO(made.stdout_bytes))
    assert book.get_sheet_by_name("rows").to_python() == [["source", "mass"], ["boiler", 1.5]]


def test_the_next_command_answers_as_it_is_asked() -> None:
    CliRunner().invoke(app, ["-o", "xlsx"])
    assert json.loads(CliRunner().invoke(app, ["-o", "json"]).stdout) == ROWS
    assert CliRunner().invoke(app, []).stdout == "for people\n"


def test_a_terminal_gets_no_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    command = typer.main.get_command(app)
    with pytest.raises(InputError) as caught:
        command(["-o", "xlsx"], standalone_mode=False)
    assert caught.value.reason == "input.terminal"
