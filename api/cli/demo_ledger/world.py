"""What the acts of the show share: the node, who is who on the ledger, and ways to act."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from api.cli.demo_ledger.cast import Enterprise
from api.cli.demo_ledger.commands import Commands
from api.cli.demo_ledger.officers import KeyRing, Officers
from api.cli.options import say
from api.home import Home
from api.i18n import of_environment
from api.node_client import ask_node
from api.running import Running
from trace_node.errors import UnavailableError
from trace_node.quota.ledger.kinds import Kind
from trace_node.quota.ledger.shapes import SHAPES

PATIENCE_S: Final = 60
OFFICE_WORDS: Final = ("regulator", "registry", "exchange")
TRADES: Final = (Kind.LISTED, Kind.BLOCK, Kind.AUCTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An order that the node took.

    Attributes:
        phase: How far it has come.
        file: Its file.
    """

    phase: str
    file: Path


@dataclass(kw_only=True)
class World:
    """The show while it runs.

    Attributes:
        home: Home of the node.
        running: The node.
        commands: Commands on that home.
        keys: Keys of everybody.
        officers: Who acts with the key of an office.
        tokens: Access token of each enterprise, and of ``regulator``.
        year: The obligation year.
        organisations: Number on the ledger of each enterprise.
        holdings: Its holding account.
        ccer_account: CCER account of the one that offsets.
        provincial: Provincial account of the one at risk.
        issuance: Account of the regulator.
        classes: Number of each class, by its code.
        advances: Tonnes that each enterprise was allocated in advance.
        obligations: Number of the obligation of each enterprise.
        unconfirmed: Orders carried out that no registry has confirmed yet, and their kinds.
    """

    home: Home
    running: Running
    commands: Commands
    keys: KeyRing
    officers: Officers
    tokens: dict[str, str]
    year: int
    organisations: dict[str, int] = field(default_factory=dict)
    holdings: dict[str, int] = field(default_factory=dict)
    ccer_account: int = 0
    provincial: int = 0
    issuance: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    advances: dict[str, int] = field(default_factory=dict)
    obligations: dict[str, int] = field(default_factory=dict)
    unconfirmed: list[tuple[str, Kind]] = field(default_factory=list)
    _orders: int = 0
    _numbers: int = 0

    @property
    def code(self) -> str:
        """Code of the allowances of the obligation year."""
        return f"CEA{self.year % 100:02}"

    @property
    def next_code(self) -> str:
        """Code of the allowances of the year after."""
        return f"CEA{(self.year + 1) % 100:02}"

    def order(self, kind: Kind, *, by: Enterprise | None = None, **options: object) -> Sent:
        """Write an order file, have two persons sign it, and hand it to the node.

        Args:
            kind: What it does.
            by: The enterprise whose keys sign and whose token is used; None where officers do.
            options: Of ``trace-node order new``; a tuple is an option given several times.

        Raises:
            TraceNodeError: What the contract or the node refuses; nothing was moved.
        """
        self._orders += 1
        folder = self.home.folder / "show-orders"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / f"{self._orders:03}-{kind.name.lower()}.tnorder"
        token = self.tokens["regulator" if by is None else by.name]
        node = ("--node", self.running.url, "--token", token)
        self.commands.run("order", "new", kind.name, file, *node, *_words(options))
        for step, key in zip(("order", "approval"), self._signers(kind, by), strict=True):
            self.commands.run("order", "sign", file, "--key", self.keys.path(key), "--as", step)
        done = self.commands.ask("order", "send", file, *node)
        if done["phase"] == "unconfirmed":
            self.unconfirmed.append((done["order_id"], kind))
        return Sent(phase=done["phase"], file=file)

    def _signers(self, kind: Kind, by: Enterprise | None) -> tuple[str, str]:
        """Names of the keys: no order is signed twice by one."""
        words = (SHAPES[kind].initiator, SHAPES[kind].approver)
        found = []
        for step, (word, number) in enumerate(zip(words, (1, 2), strict=True)):
            if word in OFFICE_WORDS:
                found.append(f"{word}-{number if words[0] == words[1] else 1}")
            else:
                found.append(f"{'' if by is None else by.name}-{('initiator', 'approver')[step]}")
        return found[0], found[1]

    def confirm(self) -> None:
        """Let registry and exchange enter their numbers for what was carried out."""
        for order_id, kind in self.unconfirmed:
            self._numbers += 1
            who = "exchange-1" if kind in TRADES else "registry-1"
            self.officers.act(
                who,
                "AllowanceRegistry.confirm",
                orderId=order_id,
                registryNumber=f"SHOW-{self._numbers:04}",
            )
        say(
            "   {count} orders confirmed by the numbers that registry and exchange entered",
            count=len(self.unconfirmed),
        )
        self.unconfirmed.clear()
        self.level()

    def ask(self, name: str, body: dict[str, Any], *, who: str = "regulator") -> Any:  # noqa: ANN401
        """Ask the node over HTTP."""
        language = of_environment()
        return ask_node(self.running.url, name, body, token=self.tokens[who], language=language)

    def level(self) -> None:
        """Wait until the mirror has every block of the chain.

        Raises:
            UnavailableError: It has not, within a minute.
        """
        height, deadline = self.officers.height(), time.monotonic() + PATIENCE_S
        while self.ask("LedgerBalanceQuery", {"limit": 1})["mirror"]["height"] < height:
            if time.monotonic() > deadline:
                raise UnavailableError(
                    "{what} did not come in {seconds} s",
                    code="unavailable.demo",
                    what=f"block {height} in the mirror",
                    seconds=PATIENCE_S,
                    remedy="see the files in {path}",
                    path=str(self.home.folder / "logs"),
                )
            time.sleep(0.1)

    def held(self, account: int, code: str) -> int:
        """Tonnes of a class in an account, by the mirror."""
        (row,) = self.ask("LedgerBalanceQuery", {"account": account})["accounts"]
        wanted = self.classes[code]
        return sum(each["total"] for each in row["balances"] if each["class_id"] == wanted)

    def obligation(self, enterprise: Enterprise) -> dict[str, Any]:
        """The obligation of an enterprise, by the mirror."""
        query = {"organisation": enterprise.name, "year": self.year}
        (row,) = self.ask("LedgerObligationQuery", query)["obligations"]
        return dict(row)


def tonnes(number: int) -> str:
    """Whole tonnes with separators."""
    return f"{number:,}"


def _words(options: dict[str, object]) -> list[str]:
    found: list[str] = []
    for name, value in options.items():
        option = "--" + {"source": "from", "target": "to", "class_id": "class"}.get(
            name, name.replace("_", "-")
        )
        for each in value if isinstance(value, tuple) else (value,):
            found += [option, str(each)]
    return found
