"""What ``--help`` says, in the reader's language."""

from typing import Any

from api.i18n import of_environment, translations


def in_language_of_reader(command: Any) -> Any:  # noqa: ANN401 - typer has its own copy of click
    """``command`` with the texts of its help, and those of all under it, translated.

    The words that typer itself adds, such as "Options", stay as they are.
    """
    say = translations(of_environment()).gettext
    for part in (command, *command.params):
        if written := getattr(part, "help", None):
            part.help = say(written)
    for member in getattr(command, "commands", {}).values():
        in_language_of_reader(member)
    return command
