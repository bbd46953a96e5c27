"""Help texts are printed as markup: doubled brackets would vanish from what a user reads."""

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from api.cli import COMMANDS, build


def helps(command: Any, name: str = "") -> Iterator[tuple[str, str]]:
    yield name, command.help or ""
    for parameter in command.params:
        yield f"{name} {parameter.name}", getattr(parameter, "help", None) or ""
    for word, found in getattr(command, "commands", {}).items():
        yield from helps(found, f"{name} {word}")


def test_no_help_text_loses_words_to_markup() -> None:
    found = dict(helps(get_command(build(list(COMMANDS)))))
    assert len(found) > len(COMMANDS)
    assert [name for name, text in found.items() if "[[" in text] == []
