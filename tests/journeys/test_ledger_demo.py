"""``trace-node demo ledger``: a compliance year, every total by hand, and an outsider with events alone.

Shows S0-8-a1 and S0-8-a2: trading and surrender go by verified figures and the allowances held.
"""

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.ledger_reader import Reader
from support.node_process import Process, run
from web3 import HTTPProvider, Web3

from chain.artifacts import load
from chain.ledger_contracts import CONTRACT_NAMES
from chain.ledger_record import read_ledger
from trace_node.quota.ledger.kinds import Book

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

# The draft plan of 2025 for coal units of class I: 0.7902 t/MWh, no heat, load at 50 % or more.
NORTH = 276_570  # 350,000 x 0.7902
RIVER = 173_844  # 220,000 x 0.7902
LAKE = 79_020  # 100,000 x 0.7902
# 170,000 x 0.7902 = 134,334, which is less than 80 % of 170,000 = 136,000: topped up to that
HILL = 136_000
COAST = 86_922  # 110,000 x 0.7902

PRE_ALLOCATED = {  # half of the verified emission of the year before
    "north-power": 200_000 // 2,
    "river-power": 180_000 // 2,
    "lake-power": 240_000 // 2,
    "hill-power": 160_000 // 2,
    "coast-power": 100_000 // 2,
}
CAP = 9_500  # 5 % of 190,001 = 9,500.05, rounded down
RIVER_OWES = 190_001 - CAP  # 180,501 = 173,844 allocated + 5,000 + 1,657 bought
SOLD = 5_000 + 12_000 + 1_657  # 18,657
NORTH_LEFT = NORTH - SOLD - 200_000  # 57,913
CARRIED = 37_985  # 10,000 + 1.5 x 18,657 = 37,985.5, rounded down; less than the 57,913 held
LAKE_LEFT = LAKE - 76_000  # 3,020, which is less than 10,000 + 1.5 x 0
HILL_IN_TIME = HILL + 12_000  # 148,000 of 170,000
LATE = 2_000
SHORT = 170_000 - HILL_IN_TIME  # 22,000 at the deadline
CLAWED_BACK = 120_000 - LAKE  # 40,980
NORTH_HOLDS = NORTH_LEFT - CARRIED - LATE  # 17,928
COAST_HOLDS = COAST - 80_000  # 6,922

SURRENDERED = 200_000 + RIVER_OWES + 76_000 + HILL_IN_TIME + LATE + 80_000  # 686,501
HELD = NORTH_HOLDS + COAST_HOLDS + CLAWED_BACK  # 65,830
CONVERTED = CARRIED + LAKE_LEFT  # 41,005
ISSUED = NORTH + RIVER + 120_000 + HILL + COAST  # 793,336; lake-power had 120,000 at first


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A show that has been given and whose node and chain go on."""

    home: Path
    process: Process

    @property
    def text(self) -> str:
        return self.process.output

    def told(self, pattern: str) -> re.Match[str]:
        """The one line that has this form."""
        (found,) = re.finditer(pattern, self.text, flags=re.MULTILINE)
        return found


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("ledger-show")
    process = Process(folder / "show.log", "demo", "ledger", "--home", folder / "home")
    with process:
        process.wait_for(lambda: "serving on http" in process.output, "the end", seconds=600)
        yield Shown(home=folder / "home", process=process)
        process.popen.send_signal(signal.SIGINT)
        assert process.popen.wait(60) == 0, process.told
        assert re.search(r"^the show took \d+ s$", process.output, flags=re.MULTILINE)


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_allocation_in_advance_and_at_the_end(shown: Shown) -> None:
    for name, tonnes in PRE_ALLOCATED.items():
        assert number(shown.told(rf"^   {name}: ([\d,]+) t, its verified")[1]) == tonnes
    finals = {
        "north-power": NORTH,
        "river-power": RIVER,
        "lake-power": LAKE,
        "hill-power": HILL,
        "coast-power": COAST,
    }
    for name, final in finals.items():
        found = shown.told(rf"^   {name}: allocated ([\d,]+) t by leaf \d+, ([\d,]+) t (.*)$")
        change = final - PRE_ALLOCATED[name]
        assert (number(found[1]), number(found[2])) == (final, abs(change))
        assert found[3] == ("of it issued now" if change > 0 else "clawed back")


def test_trades_wait_for_the_number_of_the_exchange(shown: Shown) -> None:
    trades = [("LISTED", 5_000), ("BLOCK", 12_000), ("AUCTION", 1_657), ("LISTED", LATE)]
    pattern = r"^   (LISTED|BLOCK|AUCTION): north-power to \S+, ([\d,]+) t, unconfirmed$"
    found = re.findall(pattern, shown.text, flags=re.MULTILINE)
    assert [(kind, number(tonnes)) for kind, tonnes in found] == trades


def test_offset_at_the_cap_and_one_tonne_above(shown: Shown) -> None:
    refused = shown.told(r"^   OFFSET_FREEZE of ([\d,]+) t refused: .* \[(.*)\]$")
    assert (number(refused[1]), refused[2]) == (CAP + 1, "ledger.refused.offset_cap_exceeded")
    for kind in ("FREEZE", "PENDING", "USE", "CANCEL"):
        assert number(shown.told(rf"^   OFFSET_{kind} of ([\d,]+) t: unconfirmed$")[1]) == CAP
    assert number(shown.told(r"^   ([\d,]+) t count for the obligation$")[1]) == CAP


def test_surrender_carry_over_and_forced_compliance(shown: Shown) -> None:
    handed_in = {
        "north-power": (200_000, 0, 0),
        "river-power": (RIVER_OWES, CAP, 0),
        "lake-power": (76_000, 0, 0),
        "hill-power": (HILL_IN_TIME, 0, SHORT),
    }
    for name, expected in handed_in.items():
        pattern = rf"^   {name}: surrendered ([\d,]+) t, CCER ([\d,]+) t, still owed ([\d,]+) t$"
        assert tuple(map(number, shown.told(pattern).groups())) == expected
    limits = {
        "north-power": (SOLD, NORTH_LEFT, CARRIED),
        "lake-power": (0, LAKE_LEFT, LAKE_LEFT),
    }
    for name, expected in limits.items():
        pattern = rf"^   {name}: sold ([\d,]+) t net and holds ([\d,]+) t, so at most ([\d,]+) t$"
        assert tuple(map(number, shown.told(pattern).groups())) == expected
        assert number(shown.told(rf"^   {name}: ([\d,]+) t converted$")[1]) == expected[2]
    above = shown.told(r"^   CARRY_OVER of ([\d,]+) t refused: .* \[(.*)\]$")
    assert (number(above[1]), above[2]) == (CARRIED + 1, "ledger.refused.carry_over_exceeded")
    forced = shown.told(
        r"^   the province surrendered ([\d,]+) t and released ([\d,]+) t; the enterprise's own"
        r" account held ([\d,]+) t and holds ([\d,]+) t$"
    )
    assert tuple(map(number, forced.groups())) == (80_000, COAST_HOLDS, 0, COAST_HOLDS)


def test_shortfall_fine_and_the_end_of_the_period(shown: Shown) -> None:
    pattern = r"^   hill-power: obligation ([\d,]+) t, surrendered ([\d,]+) t, overdue ([\d,]+) t$"
    found = [tuple(map(number, each)) for each in re.findall(pattern, shown.text, re.MULTILINE)]
    assert found == [
        (170_000, HILL_IN_TIME, SHORT),
        (170_000, HILL_IN_TIME + LATE, SHORT - LATE),
    ]
    fine = shown.told(r"^   range of the fine at 80 CNY/t, by draft .*: ([\d,]+) to ([\d,]+) CNY$")
    assert tuple(map(number, fine.groups())) == (5 * 80 * SHORT, 10 * 80 * SHORT)
    assert number(shown.told(r"^   hill-power still owes ([\d,]+) t$")[1]) == SHORT - LATE


def test_every_class_adds_up(shown: Shown) -> None:
    assert ISSUED == HELD + SURRENDERED + CONVERTED
    lines = {
        rf"CEA\d\d: issued {ISSUED:,} t": {
            "held": HELD,
            "surrendered": SURRENDERED,
            "converted": CONVERTED,
        },
        rf"CEA\d\d: issued {CONVERTED:,} t": {"held": CONVERTED},
        r"CCER-SHOW: issued 9,600 t": {"held": 100, "cancelled": CAP},
    }
    for start, expected in lines.items():
        found = re.findall(r"([a-z]+) ([\d,]+)", shown.told(rf"^   {start} = (.*)$")[1])
        assert {place: number(tonnes) for place, tonnes in found} == expected


def test_the_books_agree_and_the_boards_say_whose_record_is_legal(shown: Shown) -> None:
    said = shown.told(r"^reconcile: (\d+) figures compared .* at block \d+, (\d+) differences$")
    assert int(said[1]) > 50
    assert said[2] == "0"
    assert shown.told(r"^rebuild from the events alone: identical, [0-9a-f]{64}$")
    assert "made by the show (custodial)" in shown.text
    assert shown.text.count("legal record") >= 7  # beginning, five boards, overview, end
    assert "Traceback" not in shown.text


def test_an_outsider_rebuilds_the_balances_from_contract_events_alone(shown: Shown) -> None:
    """Plain JSON-RPC to the chain that still runs: no mirror, no database, no API."""
    url = shown.told(r"^node: \S+, its chain: (\S+) \(embedded")[1]
    web3 = Web3(HTTPProvider(url))
    record = read_ledger(shown.home / "ledger-deployment.json")
    contracts = {
        book: web3.eth.contract(
            address=Web3.to_checksum_address(each.address), abi=load(CONTRACT_NAMES[book]).abi
        )
        for book, each in record.contracts.items()
    }
    reader = Reader().read(tuple(contracts.values()))
    balances: dict[tuple[int, bytes], list[int]] = {}
    for lot in reader.lots.values():
        if lot["place"] <= 4:
            code = reader.classes[lot["classId"]]["code"].rstrip(b"\0")
            row = balances.setdefault((lot["account"], code), [0, 0, 0, 0])
            row[lot["place"] - 1] += lot["quantity"]
    by_tonnes = {key: sum(row) for key, row in balances.items() if sum(row)}
    expected = [NORTH_HOLDS, CARRIED, LAKE_LEFT, COAST_HOLDS, CLAWED_BACK, 100]
    assert sorted(by_tonnes.values()) == sorted(expected)
    printed = re.findall(r"account (\d+) \(\S+\) (\S+): held ([\d,]+)", shown.text)
    assert by_tonnes == {(int(a), code.encode()): number(t) for a, code, t in printed}
    _require_as_the_contract_says(contracts[Book.LOTS], reader, balances)
    owed = {each["organisation"]: each for each in reader.obligations.values()}
    assert [owed[n]["surrendered"] for n in range(1, 6)] == [
        *(200_000, RIVER_OWES, 76_000, HILL_IN_TIME + LATE, 80_000)
    ]
    assert owed[2]["offsetUsed"] == CAP


def _require_as_the_contract_says(
    lots: Any, reader: Reader, balances: dict[tuple[int, bytes], list[int]]
) -> None:
    numbers = {each["code"].rstrip(b"\0"): class_id for class_id, each in reader.classes.items()}
    for (account, code), row in balances.items():
        assert list(lots.functions.balanceOf(account, numbers[code]).call()) == row


def test_a_home_is_not_used_twice(shown: Shown) -> None:
    again = run("demo", "ledger", "--once", "--home", shown.home)
    assert again.returncode == 2
    assert "something else than the show" in again.stderr
