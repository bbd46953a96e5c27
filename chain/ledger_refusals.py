"""Reverts of the ledger's contracts as errors: a code, a text and a remedy for each of theirs.

``tests/unit/chain/test_ledger_refusals.py`` compares the table with the compiled ABIs.
"""

from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from typing import Final

from chain.addresses import checksum_address, keccak256
from chain.errors import ContractRefusalError
from chain.refusals import of_lots, of_obligations, of_offices, of_orders
from chain.refusals.row import Refusal
from trace_node.quota.ledger.kinds import AccountKind, AccountStatus, Hold, OrderState, Place, Role

TABLE: Final = (*of_orders.ROWS, *of_lots.ROWS, *of_obligations.ROWS, *of_offices.ROWS)
_WORD = 32
_ENUMS: Final[dict[str, type[IntEnum]]] = {
    "accountKind": AccountKind,
    "status": AccountStatus,
    "hold": Hold,
    "state": OrderState,
    "place": Place,
    "role": Role,
}
_TIMES: Final = frozenset({"deadline", "executableAt", "validFrom", "validTo"})
_LAST_TIME = 253_402_300_799  # 9999-12-31T23:59:59Z, the last one that a date can hold


class LedgerRefusalError(ContractRefusalError):
    """A contract of the ledger refused; ``ledger.refused.`` and the name of its error."""

    code = "ledger.refused"


def ledger_refusal(data: bytes) -> LedgerRefusalError | None:
    """The typed error of a revert; None when it is none of the ledger's contracts.

    Args:
        data: Revert data, possibly empty.
    """
    row = _by_selector().get(data[:4])
    if row is None:
        return None
    words = [data[4 + at * _WORD : 4 + (at + 1) * _WORD] for at in range(len(row.parameters))]
    if any(len(word) != _WORD for word in words):
        return None
    values = {
        name: _shown(kind, name, word)
        for (kind, name), word in zip(row.parameters, words, strict=True)
    }
    return LedgerRefusalError(
        row.template, field=row.field, remedy=row.remedy, code=row.code, **values
    )


@cache
def _by_selector() -> dict[bytes, Refusal]:
    return {keccak256(row.signature.encode())[:4]: row for row in TABLE}


def _shown(kind: str, name: str, word: bytes) -> str:
    if kind == "address":
        return checksum_address(word[12:])
    if kind == "bytes32":
        return _name_or_hex(word)
    value = int.from_bytes(word)
    if name in _TIMES and value <= _LAST_TIME:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if name in _ENUMS and value in list(_ENUMS[name]):
        return _ENUMS[name](value).name
    if kind == "uint256" and word[0] >= 0x80:  # noqa: PLR2004  the sign bit of a two's complement
        return str(value - (1 << 256))
    return str(value)


def _name_or_hex(word: bytes) -> str:
    """A padded name, as of a rule, as its text; a digest in hex."""
    name = word.rstrip(b"\0")
    if name and name.isascii() and name.decode("ascii").isprintable():
        return name.decode("ascii")
    return "0x" + word.hex()
