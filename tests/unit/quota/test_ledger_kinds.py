"""The words of the ledger and their numbers are those of the Solidity sources, one by one."""

import re
from enum import IntEnum
from pathlib import Path

import pytest

from trace_node.quota.ledger import kinds

SOURCES = Path(__file__).resolve().parents[3] / "contracts/src/ledger"
ENUM = re.compile(r"\benum (\w+) \{([^}]*)\}")
COMMENT = re.compile(r"//[^\n]*")


def enums() -> dict[str, list[str]]:
    found = {}
    for path in sorted(SOURCES.glob("*.sol")):
        for name, body in ENUM.findall(COMMENT.sub("", path.read_text(encoding="utf-8"))):
            found[name] = [word for word in re.split(r"[\s,]+", body) if word]
    return found


def screaming(word: str) -> str:
    """``PreAllocate`` as ``PRE_ALLOCATE``; what is in capitals already stays."""
    return word if word.isupper() else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).upper()


@pytest.mark.parametrize(
    "kind",
    [
        kinds.Role,
        kinds.AccountKind,
        kinds.AccountStatus,
        kinds.Instrument,
        kinds.Place,
        kinds.Hold,
        kinds.Kind,
        kinds.OrderState,
        kinds.Admission,
    ],
)
def test_a_word_has_the_number_of_the_contracts(kind: type[IntEnum]) -> None:
    words = [screaming(word) for word in enums()[kind.__name__]]
    assert {each.name: each.value for each in kind} == {
        word: number for number, word in enumerate(words)
    }
