"""Arguments of officers' acts: from texts by name to what the contracts take."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from chain.addresses import checksum_address, keccak256, parse_address
from chain.ledger_contracts import CONTRACT_NAMES
from chain.rpc_values import word
from trace_node.errors import ConfigError, InputError
from trace_node.quota.ledger.amounts import read_tonnes
from trace_node.quota.ledger.kinds import AccountKind, Book, Role
from trace_node.quota.ledger.order_texts import NO_DIGEST, name_bytes, number_digest, require_text

_ENUMS: Final[dict[str, type[IntEnum]]] = {"role": Role, "kind": AccountKind}
_RIGHTS: Final = {"none": 0, "initiate": 1, "approve": 2, "both": 3}
_TONNES: Final = frozenset({"tonnes", "netSold", "holding"})
_TIMES: Final = frozenset({"validFrom", "validTo"})
_IDS: Final = frozenset({"orderId"})  # 32 bytes that no text stands for
_HEX32: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,38}")
_ADMISSIBLE: Final = re.compile(r"admissible:([1-9][0-9]{0,9})")
_MAX_TEXT: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An argument of an act.

    Attributes:
        name: Its name in the contract.
        kind: Its Solidity type.
    """

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A function that an officer may call (职务行为).

    Attributes:
        book: Its contract.
        name: Its name.
        parameters: Its arguments, in order.
    """

    book: Book
    name: str
    parameters: tuple[Parameter, ...]

    @property
    def shown(self) -> str:
        """Contract and function, as the command line takes them."""
        return f"{CONTRACT_NAMES[self.book]}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A value as the contract takes it.

    Attributes:
        name: Name of the argument.
        value: Number, address, truth value or 32 bytes.
        text: The text whose digest it is; empty when it is none.
    """

    name: str
    value: int | bool | str | bytes
    text: str = ""

    @property
    def shown(self) -> str:
        """The value for people."""
        return "0x" + self.value.hex() if isinstance(self.value, bytes) else str(self.value)


def read_arguments(act: Act, given: dict[str, str]) -> tuple[Argument, ...]:
    """The arguments of an act from texts by name.

    Raises:
        InputError: One is missing or unknown (``ledger.act.argument``) or breaks its rule
            (``ledger.act.value``, ``order.amount.…``).
    """
    names = [each.name for each in act.parameters]
    for name in sorted(set(names) ^ set(given)):
        raise InputError(
            "{field}: {act} needs this argument"
            if name in names
            else "{field}: {act} has no such argument",
            field=name[:60],
            act=act.shown,
            names=", ".join(names) or "-",
            remedy="its arguments are: {names}",
            code="ledger.act.argument",
        )
    return tuple(_argument(act, each, given[each.name]) for each in act.parameters)


def _argument(act: Act, parameter: Parameter, text: str) -> Argument:
    name, kind = parameter.name, parameter.kind
    if kind == "bool":
        return Argument(name=name, value=_choice(name, text, {"true": True, "false": False}))
    if kind == "address":
        try:
            return Argument(name=name, value=checksum_address(parse_address(text, field=name)))
        except ConfigError as error:
            raise _wrong(name, "an address: 0x and 40 hex digits") from error
    if kind == "bytes32":
        return _digest(name, text)
    if act.book is Book.OBLIGATIONS and name in _TONNES:
        return Argument(name=name, value=read_tonnes(text, field=name, least=0))
    return Argument(name=name, value=_number(name, kind, text))


def _number(name: str, kind: str, text: str) -> int:
    if name in _ENUMS and not text.isdecimal():
        return int(_choice(name, text, {each.name: int(each) for each in _ENUMS[name] if each}))
    if name == "rights" and not text.isdecimal():
        return int(_choice(name, text, _RIGHTS))
    if name in _TIMES and not text.isdecimal():
        return _time(name, text)
    bits = int(kind.removeprefix("uint"))
    if not _WHOLE.fullmatch(text) or int(text) >= 1 << bits:
        raise _wrong(name, f"a whole number from 0 to 2^{bits} - 1")
    return int(text)


def _time(name: str, text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(name, "a time by RFC 3339 or seconds since 1970") from error
    if found.tzinfo is None:
        raise _wrong(name, "a time with its offset, such as 2026-12-31T23:59:59+08:00")
    return int(found.timestamp())


def _digest(name: str, text: str) -> Argument:
    """32 bytes as they are, or none; a rule's name, padded; else the digest of the text."""
    if text == "none":
        return Argument(name=name, value=NO_DIGEST)
    if _HEX32.fullmatch(text):
        return Argument(name=name, value=bytes.fromhex(text[2:]))
    if name in _IDS or text.startswith("0x"):  # a mistyped digest is not a text to be digested
        raise _wrong(name, "0x and 64 hex digits")
    if name == "ruleId":
        found = _ADMISSIBLE.fullmatch(text)
        if found:
            value = _admission_rule(int(found[1]))
            return Argument(name=name, value=value, text=text)
        return Argument(name=name, value=name_bytes(text, field=name), text=text)
    require_text(text, field=name, bound=_MAX_TEXT)
    return Argument(name=name, value=number_digest(text), text=text)


def _admission_rule(class_id: int) -> bytes:
    """The id of the rule that admits a class: keccak256(abi.encode("admissible", classId))."""
    name = b"admissible"
    return keccak256(word(64) + word(class_id) + word(len(name)) + name.ljust(32, b"\0"))


def _choice(name: str, text: str, choices: dict[str, Any]) -> Any:  # noqa: ANN401  of the choices
    for choice, value in choices.items():
        if choice.lower() == text.lower():
            return value
    raise _wrong(name, "one of " + ", ".join(choices))


def _wrong(name: str, expected: str) -> InputError:
    return InputError(
        "{field}: must be {expected}",
        field=name,
        expected=expected,
        remedy="trace-node ledger acts shows the arguments of each act",
        code="ledger.act.value",
    )
