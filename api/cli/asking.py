"""Questions on the terminal, one at a time; an answer that breaks its rule is asked for again."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import typer

from api.cli.printable import printable
from api.i18n import message_of, of_environment, remedy_of, translations
from trace_node.errors import InputError, TraceNodeError

T = TypeVar("T")
_SHOWN: Final = 60
Read = Callable[[str], T]


@contextmanager
def _to_the_end() -> Iterator[None]:
    """Where the answers end, so does what asks for them.

    Raises:
        InputError: No answer came.
    """
    try:
        yield
    except typer.Abort:
        raise InputError(
            "{field}: no answer came, and nothing was logged",
            field="answer",
            remedy="begin again, and answer to the end",
            code="input.answer",
        ) from None


class Asker:
    """Asks in the reader's language."""

    def __init__(self) -> None:
        self.language = of_environment()
        self.gettext = translations(self.language).gettext

    def say(self, text: str, **params: object) -> None:
        """Say something; the text is a message id."""
        typer.echo(self.gettext(text).format(**params))

    def answered(self, text: str, read: Read[T], *, default: str | None = None) -> T:
        """An answer as a record takes it.

        Args:
            text: The question, a message id.
            read: Reads the answer, and refuses what breaks the rule of the member.
            default: What an empty answer means; None where there has to be one.
        """
        while True:
            said = self._prompt(text, default=default)
            try:
                return read(said)
            except (TraceNodeError, OSError) as error:
                self._tell(error)

    def further(self, text: str, read: Read[str]) -> str:
        """An answer as a record takes it, or an empty one to end a list."""
        while said := self._prompt(text, default=""):
            try:
                return read(said)
            except TraceNodeError as error:
                self._tell(error)
        return ""

    def agreed(self, text: str, **params: object) -> bool:
        """Whether it is so."""
        with _to_the_end():
            return typer.confirm(self.gettext(text).format(**params))

    def picked(self, text: str, options: Sequence[tuple[str, str]], **params: object) -> str:
        """One of some options, by its number or by its name.

        Args:
            text: The question, a message id.
            options: Name and description of each, at least one.
            params: Parameters of the question.
        """
        for number, (name, described) in enumerate(options, 1):
            typer.echo(printable(f"  {number:3}  {name}  {described}".rstrip()))
        names = [name for name, _ in options]

        def read(said: str) -> str:
            """The option with this number or name."""
            if said in names:
                return said
            if said.isdecimal() and 0 < int(said) <= len(names):
                return names[int(said) - 1]
            raise InputError(
                "{field}: there is no {said} among them",
                field="choice",
                said=repr(said[:_SHOWN]),
                remedy="answer with a number of the list, or with a name",
                code="input.choice",
            )

        return self.answered(self.gettext(text).format(**params), read)

    def filed(self, text: str) -> Path | None:
        """A file that exists; None where the answer is empty."""
        while said := self._prompt(text, default=""):
            path = Path(said)
            if path.is_file():
                return path
            self.say("{path} is no file", path=said)
        return None

    def _prompt(self, text: str, *, default: str | None) -> str:
        with _to_the_end():
            asked = self.gettext(text)
            return str(typer.prompt(asked, default=default, show_default=bool(default))).strip()

    def _tell(self, error: TraceNodeError | OSError) -> None:
        if isinstance(error, TraceNodeError):
            cure = remedy_of(error, self.language)
            told = message_of(error, self.language) + (f"; {cure}" if cure else "")
        else:
            told = str(error)
        typer.echo(printable(told))
