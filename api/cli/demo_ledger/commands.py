"""Commands of ``trace-node`` as a user types them, run within this process to save their start."""

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Final

from typer.main import get_command

from api.cli import build
from trace_node.errors import StateError

_WITHOUT_HOME: Final = frozenset(
    ("allowance", each) for each in ("allocate", "calculate", "chain-rules")
)


class Commands:
    """Commands on one home.

    Args:
        home: Folder that is given as ``--home``.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._built: dict[str, Any] = {}

    def show(self, *words: object) -> None:
        """Run a command and let it print.

        Raises:
            TraceNodeError: What the command refuses.
            StateError: It ended with another exit code than 0.
        """
        ended = self._command(str(words[0])).main(
            [*map(str, words), *self._home_of(words)],
            prog_name="trace-node",
            standalone_mode=False,
        )
        if ended:
            raise StateError(
                "{command} ended with exit code {status}",
                field="demo",
                command=" ".join(map(str, words)),
                status=ended,
                remedy="give the command by hand in the home of the show",
                code="state.demo",
            )

    def run(self, *words: object) -> str:
        """Run a command and return what it printed; raises as ``show``."""
        told = io.StringIO()
        with redirect_stdout(told), redirect_stderr(io.StringIO()):
            self.show(*words)
        return told.getvalue()

    def ask(self, *words: object) -> Any:  # noqa: ANN401  JSON
        """Run a command and return its JSON answer, the first one if it gives several."""
        return next(self.answers(*words))

    def answers(self, *words: object) -> Iterator[Any]:
        """Run a command and return all its JSON answers."""
        text, decoder, place = self.run(*words, "-o", "json").strip(), json.JSONDecoder(), 0
        while place < len(text):
            found, place = decoder.raw_decode(text, place)
            yield found
            place += len(text[place:]) - len(text[place:].lstrip())

    def _home_of(self, words: tuple[object, ...]) -> list[str]:
        """Calculations by the library alone need no home."""
        return [] if words[:2] in _WITHOUT_HOME else ["--home", str(self._home)]

    def _command(self, name: str) -> Any:  # noqa: ANN401  a command of click
        if name not in self._built:
            self._built[name] = get_command(build([name]))
        return self._built[name]
