"""The command line in this process: quicker than a child, with the same exit codes and texts."""

import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO

import pytest

from api.cli import main


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> tuple[str, str]:
        """Message and dotted code of its error."""
        found = re.search(r"^error: (.*) \[([a-z0-9_.]+)\]$", self.err, flags=re.MULTILINE)
        assert found, (self.out, self.err)
        return found[1], found[2]

    @property
    def remedy(self) -> str:
        """What it says can be done."""
        found = re.search(r"^remedy: (.*)$", self.err, flags=re.MULTILINE)
        assert found, self.err
        return found[1]


def command(*arguments: object, **env: str) -> Done:
    """Run ``trace-node`` with arguments and, besides, these variables alone of the product's."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("TN_", "LC_", "LANG"))]:
            patch.delenv(name)
        for name, value in ({"NO_COLOR": "1", "COLUMNS": "200"} | env).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["trace-node", *map(str, arguments)])
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return Done(code=code, out=out.getvalue(), err=err.getvalue())
