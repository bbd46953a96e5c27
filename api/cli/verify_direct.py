"""``trace-node verify`` as it runs: the options of ``api.cli.verify`` read by argparse.

typer reads values by way of pydantic; importing the two takes longer than checking a proof.
A test holds the two lists of options together.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from api.cli.examine import HELP, TRUST_ROOT_VARIABLE, answer, examine
from api.cli.usage import Parser


def parser() -> Parser:
    """The options of the command."""
    found = os.environ.get(TRUST_ROOT_VARIABLE)
    options = Parser(prog="trace-node verify", add_help=False, allow_abbrev=False)
    options.add_argument("file", metavar="FILE", type=Path, help=HELP["file"])
    options.add_argument(
        "--trust-root",
        type=Path,
        required=not found,
        default=Path(found) if found else None,
        help=HELP["trust_root"],
    )
    options.add_argument("--offline", action="store_true", help=HELP["offline"])
    options.add_argument("--rpc", help=HELP["rpc"])
    options.add_argument("--fingerprint", help=HELP["fingerprint"])
    options.add_argument("--predecessor", type=Path, help=HELP["predecessor"])
    options.add_argument("--recompute", action="store_true", help=HELP["recompute"])
    options.add_argument(
        "-o", "--output", choices=("text", "json"), default="text", help=HELP["output"]
    )
    return options


def run(arguments: Sequence[str]) -> int:
    """Verify with the arguments that follow ``trace-node verify``; return the exit code.

    Raises:
        InputError: The arguments are wrong, contradict each other, or a file cannot be read.
        ConfigError: The endpoint is no URL, or no library can check signatures.
    """
    given = parser().parse_args(arguments)
    report = examine(
        given.file,
        trust_root=given.trust_root,
        offline=given.offline,
        rpc=given.rpc,
        fingerprint=given.fingerprint,
        predecessor=given.predecessor,
        recompute=given.recompute,
    )
    return answer(report, as_json=given.output == "json")
