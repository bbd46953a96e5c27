"""Options that several commands share."""

import json
import sys
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.printable import printable
from api.home import Home
from api.i18n import of_environment, translations
from trace_node.errors import ConfigError, InputError

if TYPE_CHECKING:
    from api.settings import Settings
    from trace_node.canonical_json import JsonValue

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Home folder of the node.", show_default=False)
]


class Output(StrEnum):
    """How a command answers."""

    TEXT = "text"
    JSON = "json"
    XLSX = "xlsx"


_as_workbook: ContextVar[bool] = ContextVar("as_workbook", default=False)


def _form_of(form: Output) -> Output:
    """A workbook is made of what would be the JSON, so that every answer can be one."""
    _as_workbook.set(form is Output.XLSX)
    if form is not Output.XLSX:
        return form
    if sys.stdout.isatty():
        raise InputError(
            "{field}: a workbook is not for a terminal",
            field="--output",
            remedy="send it to a file: trace-node … -o xlsx > table.xlsx",
            code="input.terminal",
        )
    return Output.JSON


OutputOption = Annotated[
    Output,
    typer.Option(
        "-o",
        "--output",
        help="Form of the answer; xlsx is an Excel workbook of its tables.",
        callback=_form_of,
    ),
]


def load(home: Path | None) -> "tuple[Settings, Home]":
    """The settings and the home of a node that was made.

    Raises:
        ConfigError: The folder holds no node, or a setting is wrong.
    """
    from api import settings as settings_module  # pydantic, which verify does without

    settings = settings_module.load(home=home)
    found = Home(settings.home)
    if not found.keys.is_dir():
        raise ConfigError(
            "{path} holds no node",
            field="home",
            path=str(settings.home.absolute()),
            remedy="make one with trace-node init --home FOLDER",
        )
    return settings, found


def say(template: str, /, *, err: bool = False, **params: object) -> None:
    """Print a text in the reader's language, its parameters filled in."""
    text = translations(of_environment()).gettext(template)
    typer.echo(text.format(**params), err=err)


def show(value: object, *, output: Output) -> None:
    """Print a JSON value, indented; as text it is the same but for objects of plain values.

    Where a workbook was asked for, its bytes are written instead.
    """
    if output is Output.TEXT and isinstance(value, dict):
        width = max((len(str(key)) for key in value), default=0)
        for key, item in value.items():
            shown = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
            typer.echo(printable(f"{key:{width}}  {shown}"))
        return
    if _as_workbook.get():
        from trace_node.services.tables import tables_of
        from trace_node.services.workbook_tables import write_tables_xlsx

        plain: JsonValue = json.loads(json.dumps(value))
        typer.echo(write_tables_xlsx(tables_of(plain)), nl=False)
        return
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False))
