"""A node with a ledger of its own, as its operator runs it, and the officers who act on its chain."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account
from eth_account.signers.local import LocalAccount
from support.cheap_keys import CHEAP_SCRYPT
from support.evm import CHAIN_ID, Engine
from support.ledger import (
    ADMIN_1,
    ADMIN_2,
    ADMIN_3,
    OFFICERS,
    RELAY,
    Ledger,
    Parties,
    event_args,
)
from support.ledger_orders import Order, Role, digest, sign
from support.node_process import NodeProcess, make_home, run_well
from support.order_world import key_of, order_of
from web3 import HTTPProvider, Web3

from chain.artifacts import load
from chain.ledger_contracts import CONTRACT_NAMES
from chain.ledger_record import read_ledger
from chain.order_signing import sign_order
from trace_node.quota.ledger.order_file import encode_order
from trace_node.quota.ledger.signed_order import About, SignedOrder

BOTH = (About.ORDER, About.APPROVAL)
WAIT_S = 30


class LiveLedger(Ledger):
    """The ledger that a node deployed; time is the machine's own."""

    def __init__(self, home: Path, chain_url: str) -> None:
        self.engine = Engine("embedded", Web3(HTTPProvider(chain_url)))  # type: ignore[assignment]
        self.deployer = RELAY
        self.chain_id = int(self.engine.web3.eth.chain_id)
        found = {
            CONTRACT_NAMES[book]: Web3.to_checksum_address(each.address)
            for book, each in read_ledger(home / "ledger-deployment.json").contracts.items()
        }
        names = ("AccessRegistry", "RuleBook", "LotBook", "ObligationBook", "AllowanceRegistry")
        self.access, self.rules, self.lots, self.obligations, self.orders = (
            self.engine.web3.eth.contract(address=found[name], abi=load(name).abi) for name in names
        )

    def here(self, order: Order) -> Order:
        """The order for this chain, unless it is meant for another one."""
        return order.but(chain_id=self.chain_id) if order.chain_id == CHAIN_ID else order

    def arguments(
        self, order: Order, signer: LocalAccount, about: str = "Order"
    ) -> tuple[Any, ...]:
        """As ``Ledger.arguments``, for this chain."""
        order = self.here(order)
        value = sign(order, signer, self.orders.address, about=about, chain_id=order.chain_id)
        return order.tuple, signer.address, value

    def submission(self, order: Order) -> tuple[Any, ...]:
        """As ``Ledger.submission``, for this chain."""
        return super().submission(self.here(order))

    def appoint(self, officers: dict[LocalAccount, Role], *, grant: bool = True) -> None:
        """As ``Ledger.appoint``, with a delay of a second that passes by itself."""
        changes = []
        for officer, role in officers.items():
            arguments = (officer.address, role, grant, digest("appointment"))
            sent = self.do(self.access, "proposeRole", *arguments, by=ADMIN_1)
            changes.append(event_args(sent, "RoleChangeProposed")["changeId"])
            self.do(self.access, "approveRole", changes[-1], by=ADMIN_2)
        time.sleep(2.1)
        for change in changes:
            self.do(self.access, "executeRole", change, by=RELAY)


def make_ledger_home(folder: Path, **more: Any) -> Path:
    """A home whose embedded chain holds a ledger of three administrators."""
    officers = [RELAY, ADMIN_1, ADMIN_2, ADMIN_3, *OFFICERS]
    senders = json.dumps([each.address for each in officers])
    text = f"ledger_senders = {senders}\n\n[ledger_organisations]\nseller = 1\nbuyer = 2\n"
    home = make_home(folder, more=text, **more)
    passphrase = (home / "passphrase").read_text().strip()
    relay = home / "keys" / "relay.json"  # the node would make it with the scrypt of a real key
    relay.write_text(json.dumps(Account.encrypt(b"\x33" * 32, passphrase, iterations=CHEAP_SCRYPT)))
    relay.chmod(0o600)
    administrators = [
        word for each in (ADMIN_1, ADMIN_2, ADMIN_3) for word in ("--administrator", each.address)
    ]
    run_well("ledger", "deploy", *administrators, "--role-delay", 1, "--home", home)
    return home


@dataclass
class LiveNode:
    """A running node with its ledger, two enterprises, and tokens."""

    home: Path
    process: NodeProcess
    ledger: LiveLedger
    parties: Parties
    tokens: dict[str, str]

    @property
    def contract(self) -> bytes:
        return bytes.fromhex(self.ledger.orders.address[2:])

    def signed(self, order: Order, *, by: dict[About, LocalAccount] | None = None) -> SignedOrder:
        """An order with both signatures, of who rightly signs unless told otherwise."""
        order = self.ledger.here(order)
        rightly = dict(zip(BOTH, self.ledger.signers(order), strict=True))
        made = SignedOrder(order=order_of(order), contract=self.contract)
        for about in BOTH:
            who = (by or {}).get(about, rightly[about])
            signature = sign_order(made.order, key_of(who), contract=self.contract, about=about)
            made = made.signed(about, signature)
        return made

    def ask(self, name: str, body: Any, *, who: str = "regulator") -> tuple[int, Any]:
        """Status and envelope of an answer."""
        answer = httpx.post(
            f"{self.process.url}/api/v1/{name}",
            json=body,
            headers={"Authorization": f"Bearer {self.tokens[who]}"},
            timeout=120,
        )
        return answer.status_code, answer.json()

    def send(self, signed: SignedOrder, *, who: str = "seller") -> tuple[int, Any]:
        return self.ask("LedgerOrder", {"file": encode_order(signed).decode()}, who=who)

    def level(self) -> None:
        """Wait until the mirror has every block of the chain."""
        height = self.ledger.engine.web3.eth.block_number
        deadline = time.monotonic() + WAIT_S
        while True:
            status, answer = self.ask("LedgerBalanceQuery", {"limit": 1})
            if status == 200 and answer["data"]["mirror"]["height"] >= height:
                return
            assert time.monotonic() < deadline, (status, answer, self.process.told)
            time.sleep(0.1)

    def restart(self) -> None:
        """Run the node again after it ended."""
        self.process = NodeProcess(self.home).ready()
        self.ledger.__init__(self.home, self.process.chain_url)  # type: ignore[misc]

    def held(self) -> tuple[int, int]:
        """Tonnes of seller and buyer on the chain."""
        return tuple(
            sum(self.ledger.balance(account, self.parties.class_id))
            for account in (self.parties.seller, self.parties.buyer)
        )


def start_live_node(folder: Path) -> LiveNode:
    """A node with officers, two enterprises that trade, and tokens of both and the regulator."""
    home = make_ledger_home(folder)
    process = NodeProcess(home).ready()
    ledger = LiveLedger(home, process.chain_url)
    ledger.appoint(OFFICERS)
    parties = Parties(ledger)
    assert (parties.seller_organisation, parties.buyer_organisation) == (1, 2)
    tokens = {"regulator": process.token("regulator")}
    for name in ("seller", "buyer"):
        options = ("--role", "enterprise", "--organisation", name)
        tokens[name] = run_well("tokens", "issue", name, *options, "--home", home).strip()
    tokens["stranger"] = run_well(
        "tokens", "issue", "stranger", "--role", "enterprise", "--organisation", "x", "--home", home
    ).strip()
    node = LiveNode(home=home, process=process, ledger=ledger, parties=parties, tokens=tokens)
    node.level()
    return node
