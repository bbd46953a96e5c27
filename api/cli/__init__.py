"""The command ``trace-node``: thin over the services, quick to start.

Only the module of the command asked for is imported, so that ``trace-node verify`` does not
pay for the web framework, the database or the chain client.
"""

import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from api.cli.printable import printable
from api.exit_codes import INVALID, UNREACHABLE, USAGE
from api.i18n import message_of, of_environment, remedy_of, translations
from trace_node.errors import ConfigError, InputError, TraceNodeError, UnavailableError

if TYPE_CHECKING:
    import typer


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command lives.

    Attributes:
        module: Module to import when it is asked for.
        attribute: Function, or ``typer.Typer`` for a group.
    """

    module: str
    attribute: str


COMMANDS = {
    "init": Command("api.cli.init", "init"),
    "up": Command("api.cli.up", "up"),
    "demo": Command("api.cli.demo", "group"),
    "doctor": Command("api.cli.doctor", "doctor"),
    "status": Command("api.cli.status", "status"),
    "collect": Command("api.cli.collect", "collect"),
    "simulate": Command("api.cli.collect", "simulate"),
    "replay": Command("api.cli.collect", "replay"),
    "readings": Command("api.cli.readings", "group"),
    "prove": Command("api.cli.prove", "prove"),
    "knowledge": Command("api.cli.prove", "knowledge"),
    "export": Command("api.cli.prove", "export"),
    "verify": Command("api.cli.verify", "verify"),
    "trust-root": Command("api.cli.trust_root", "group"),
    "fsck": Command("api.cli.fsck", "fsck"),
    "restore": Command("api.cli.fsck", "restore"),
    "keys": Command("api.cli.binding", "group"),
    "tokens": Command("api.cli.tokens", "group"),
    "meters": Command("api.cli.meters", "group"),
    "chain": Command("api.cli.chain", "group"),
    "account": Command("api.cli.account_configure", "group"),
    "inventory": Command("api.cli.inventory", "group"),
    "measure": Command("api.cli.measure", "group"),
    "uncertainty": Command("api.cli.uncertainty", "group"),
    "report": Command("api.cli.report", "group"),
    "package": Command("api.cli.package", "group"),
    "recompute": Command("api.cli.recompute", "recompute"),
    "board": Command("api.cli.board", "group"),
    "allowance": Command("api.cli.chain_rules", "group"),
    "batch": Command("api.cli.batch", "group"),
    "footprint": Command("api.cli.footprint", "group"),
    "ccer": Command("api.cli.ccer", "group"),
    "registry": Command("api.cli.opening", "group"),
    "factor": Command("api.cli.factor", "group"),
    "method": Command("api.cli.method_package", "group"),
    "laboratory": Command("api.cli.laboratory", "group"),
    "activity": Command("api.cli.activity", "group"),
    "template": Command("api.cli.template", "template"),
    "ledger": Command("api.cli.ledger", "group"),
    "order": Command("api.cli.order", "group"),
    "pact": Command("api.cli.pact_group", "group"),
    "witness": Command("api.cli.witness", "group"),
}


def build(names: list[str]) -> "typer.Typer":
    """Build the application with the commands ``names`` only."""
    import typer  # late: see ``verify_direct``

    app = typer.Typer(
        name="trace-node",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=True,
        help="A carbon number that anyone can check without trusting whoever reports it.",
    )
    app.callback()(_root)
    for name in names:
        command = COMMANDS[name]
        member = getattr(import_module(command.module), command.attribute)
        if isinstance(member, typer.Typer):
            app.add_typer(member, name=name)
        else:
            app.command(name)(member)
    return app


def main() -> None:
    """Run the command line; every error ends in one of the documented exit codes."""
    _require_one_home()
    asked = next((word for word in sys.argv[1:] if word in COMMANDS), None)
    try:
        if _is_plain_verify(sys.argv):
            from api.cli.verify_direct import run

            raise SystemExit(run(sys.argv[2:]))
        _run([asked] if asked else list(COMMANDS))
    except TraceNodeError as error:
        tell(error)
        raise SystemExit(exit_code(error)) from error
    except BrokenPipeError:
        # Whoever read the output has enough of it; what is still buffered must not be tried again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(INVALID) from None
    except OSError as error:
        refused = _refused_by_system(error)
        tell(refused)
        raise SystemExit(exit_code(refused)) from error


def _refused_by_system(error: OSError) -> ConfigError:
    """What no part of the program has given a finer meaning: a path this user may not use."""
    return ConfigError(
        "{path}: {detail}",
        field="path",
        path=str(error.filename or "-"),
        detail=error.strerror or type(error).__name__,
        remedy="see that it exists and that this user may read and write it",
        code="config.system",
    )


def _run(names: list[str]) -> NoReturn:
    """Run the application; its help and its refusals are in the reader's language.

    Raises:
        InputError: The command line is wrong.
        SystemExit: The command has ended.
    """
    from typer._click.exceptions import NoArgsIsHelpError  # late: see ``verify_direct``
    from typer.exceptions import TyperException
    from typer.main import get_command

    from api.cli.help_text import in_language_of_reader
    from api.cli.usage import usage_error

    command = in_language_of_reader(get_command(build(names)))
    try:
        ended = command(standalone_mode=False)
    except NoArgsIsHelpError as error:
        error.show()
        raise SystemExit(USAGE) from None
    except TyperException as error:
        raise usage_error(error) from error
    raise SystemExit(ended or 0)


def tell(error: TraceNodeError) -> None:
    """Tell the reader of standard error what went wrong and what to do about it."""
    language = of_environment()
    gettext = translations(language).gettext
    _complain(f"{gettext('error')}: {message_of(error, language)} [{error.reason}]")
    if remedy := remedy_of(error, language):
        _complain(f"{gettext('remedy')}: {remedy}")


def exit_code(error: TraceNodeError) -> int:
    """The exit code of an error: 1 invalid, 2 usage, 4 unreachable."""
    if isinstance(error, UnavailableError):
        return UNREACHABLE
    if isinstance(error, InputError | ConfigError):
        return USAGE
    return INVALID


def _is_plain_verify(arguments: list[str]) -> bool:
    """Whether ``verify`` is to be run, and not described or completed."""
    return (
        arguments[1:2] == ["verify"]
        and "--help" not in arguments
        and "_TRACE_NODE_COMPLETE" not in os.environ
    )


def _complain(text: str) -> None:
    sys.stderr.write(f"{printable(text)}\n")


def _root() -> None:
    """A carbon number that anyone can check without trusting whoever reports it."""


def _require_one_home() -> None:
    """Refuse to run when a folder of the working directory shadows one of our packages."""
    homes = {
        Path(str(import_module(name).__file__)).parents[1]
        for name in ("trace_node", "collectors", "chain", "api")
    }
    if len(homes) > 1:
        _complain(f"trace-node: its packages come from different folders: {homes}")
        raise SystemExit(USAGE)
