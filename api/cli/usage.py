"""A wrong command line, told as every other error is: place, rule, remedy, in one's own language.

typer and argparse have English sentences of their own. What they found is read from their errors;
where an error carries it in its sentence only, from there.
"""

import argparse
import re
from typing import TYPE_CHECKING, Final, NoReturn

from typing_extensions import override

from trace_node.errors import InputError

if TYPE_CHECKING:
    from typer.exceptions import TyperException

_RULES: Final = {
    "option": "{field}: there is no such option",
    "command": "{field}: there is no such command",
    "argument": "{field}: is one argument too many",
    "value": "{field}: needs a value",
    "missing": "{field}: missing",
    "choice": "{field}: must be one of {expected}",
}
_BY_SENTENCE: Final = (
    (re.compile(r"No such command '(?P<field>.*)'\."), "command"),
    (re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((?P<field>.*)\)"), "argument"),
    (re.compile(r"Option '(?P<field>.*)' requires .*"), "value"),
    (re.compile(r"Value error, '.*' is not one of (?P<expected>.*)\."), "choice"),
    (re.compile(r"the following arguments are required: (?P<field>.*)"), "missing"),
    (re.compile(r"unrecognized arguments: (?P<field>.*)"), "option"),
    (re.compile(r"argument (?P<field>.*): expected .*"), "value"),
    (
        re.compile(
            r"argument (?P<field>.*): invalid choice: .* \(choose from (?P<expected>.*)\)",
            re.DOTALL,
        ),
        "choice",
    ),
)


class Parser(argparse.ArgumentParser):
    """A parser that raises what it refuses."""

    @override
    def error(self, message: str) -> NoReturn:
        """Refuse the arguments.

        Raises:
            InputError: Always.
        """
        raise _of_sentence(message, command=self.prog)


def usage_error(error: "TyperException") -> InputError:
    """What typer refused."""
    from pydantic import ValidationError
    from typer._click.exceptions import BadParameter, MissingParameter, NoSuchOption

    from api.broken_rules import broken_rule

    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "trace-node"
    if isinstance(error, NoSuchOption):
        return _refusal(_RULES["option"], error.option_name, command)
    name = ""
    if isinstance(error, BadParameter) and error.param is not None:
        name = max(error.param.opts, key=len)  # -o/--output is --output
    if isinstance(error, MissingParameter):
        return _refusal(_RULES["missing"], name, command)
    sentence = error.message
    if isinstance(cause := error.__cause__, ValidationError):
        rule = broken_rule(cause.errors()[0])
        if "{detail}" not in rule.template:
            return _refusal(rule.template, name, command, **rule.params)
        sentence = rule.params["detail"]
    return _of_sentence(sentence, command=command, name=name)


def _of_sentence(sentence: str, *, command: str, name: str = "") -> InputError:
    for pattern, rule in _BY_SENTENCE:
        if matched := pattern.fullmatch(sentence):
            found = {"field": name} | matched.groupdict()
            return _refusal(_RULES[rule], found.pop("field"), command, **found)
    return _refusal("{field}: {detail}", name or command, command, detail=sentence)


def _refusal(template: str, field: str, command: str, **params: str) -> InputError:
    return InputError(
        template,
        **params,
        field=field,
        command=command,
        remedy="see {command} --help",
        code="input.usage",
    )
