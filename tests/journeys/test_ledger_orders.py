"""Orders over real HTTP and by the installed command, on a node with its embedded chain.

Surrender and its refusals [S0-8-a2]; allowances, CCER and units of funds and bonds change hands [S0-8-c2].
"""

import contextlib
import json
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account
from support.cheap_keys import CHEAP_SCRYPT
from support.evm import sender
from support.ledger import REGISTRY_1, REGULATOR_1, approver_key, initiator_key
from support.ledger_orders import (
    AccountKind,
    Admission,
    Instrument,
    Kind,
    Order,
    Place,
    digest,
)
from support.live_ledger import LiveNode, start_live_node
from support.node_process import complaint, run, run_well

from trace_node.crypto.sm3 import sm3
from trace_node.quota.ledger.order_file import decode_order, encode_order
from trace_node.quota.ledger.signed_order import About, SignedOrder

SENTENCE = "The national registries are the legal record"
CLIENTS = 100
PHRASE = "of the keys of a test"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNode]:
    node = start_live_node(tmp_path_factory.mktemp("ledger") / "home")
    yield node
    if node.process.popen.poll() is None:
        node.process.kill()


@pytest.fixture(scope="module")
def lot(node: LiveNode) -> int:
    """A large lot of the seller in trading."""
    found = node.parties.lot(1_000_000, trading=True)
    node.level()
    return found


def key_file(folder: Path, account: Any) -> Path:
    """The key of an officer or of an account in a file, as ``trace-node keys account`` makes one."""
    path = folder / f"{account.address}.json"
    path.write_text(json.dumps(Account.encrypt(account.key, PHRASE, iterations=CHEAP_SCRYPT)))
    path.chmod(0o600)
    return path


def refused(node: LiveNode, signed: SignedOrder, **more: Any) -> tuple[int, str, str]:
    """Status, return code and reason of a refusal, which must have moved nothing."""
    before = (node.held(), node.ledger.orders.functions.eventCount().call())
    status, answer = node.send(signed, **more)
    assert status != 200, answer
    assert before == (node.held(), node.ledger.orders.functions.eventCount().call())
    assert answer["message"]
    assert answer["data"]["remedy"]
    return status, answer["code"], answer["data"]["reason"]


class TestTheWholeLife:
    def test_from_the_desk_to_the_number_of_the_registry(
        self, node: LiveNode, lot: int, tmp_path: Path
    ) -> None:
        url, env = node.process.url, {"TN_PASSPHRASE": PHRASE}
        record = node.home / "ledger-deployment.json"
        seller, buyer = node.parties.seller, node.parties.buyer
        first = key_file(tmp_path, initiator_key(seller))
        second = key_file(tmp_path, approver_key(seller))
        file = tmp_path / "sale.tnorder"
        accounts = ("--from", seller, "--to", buyer, "--ledger", record)
        secret = ("--private", "price=85.50", "--private", "counterparty=Example Steel")
        choice = ("--quantity", 250, "--class", node.parties.class_id)
        choice += ("--node", url, "--token", node.tokens["seller"])
        said = run_well("order", "new", "LISTED", file, *accounts, *secret, *choice, **env)
        taken = re.findall(r"of lot (\d+): (\d+) t", said)
        assert sum(int(tonnes) for _, tonnes in taken) == 250
        assert lot in [int(number) for number, _ in taken]
        assert SENTENCE in said
        opening = file.with_suffix(".opening.json")
        assert opening.stat().st_mode & 0o077 == 0
        assert sm3(opening.read_bytes()) == decode_order(file.read_bytes()).order.commitment
        assert b"85.50" not in file.read_bytes()

        assert run("order", "verify", file).returncode == 3
        run_well("order", "sign", file, "--key", first, **env)
        run_well("order", "sign", file, "--key", second, **env)
        run_well("order", "verify", file)
        told = json.loads(run_well("order", "show", file, "-o", "json"))
        assert (told["kind"], told["quantity"], told["from"]) == ("LISTED", 250, seller)

        before = node.held()
        sent = (
            "order",
            "send",
            file,
            "--node",
            url,
            "--token",
            node.tokens["seller"],
            "-o",
            "json",
        )
        done = json.loads(run_well(*sent))
        assert (done["phase"], done["final"]) == ("unconfirmed", True)
        assert json.loads(run_well(*sent)) == done
        assert node.held() == (before[0] - 250, before[1] + 250)

        officer = key_file(tmp_path, REGISTRY_1)
        act = run_well(
            *("ledger", "act", "AllowanceRegistry.confirm", f"orderId={told['order_id']}"),
            *("registryNumber=T-2026-77", "--key", officer, "--rpc", node.process.chain_url),
            *("--ledger", record, "-o", "json"),
            **env,
        )
        assert json.loads(act)["events"][0]["event"] == "OrderConfirmed"
        node.level()
        status = ("order", "status", told["order_id"], "-o", "json")
        by_node = run_well(*status, "--node", url, "--token", node.tokens["buyer"])
        assert json.loads(by_node)["phase"] == "confirmed"
        assert json.loads(by_node)["registry_number"] == "0x" + sm3(b"T-2026-77").hex()
        by_chain = run_well(*status, "--rpc", node.process.chain_url, "--ledger", record)
        assert json.loads(by_chain)["registry_number"] == "0x" + sm3(b"T-2026-77").hex()

    def test_without_a_node_by_any_relayer(self, node: LiveNode, lot: int, tmp_path: Path) -> None:
        signed = node.signed(node.parties.sale((lot, 5)))
        file = tmp_path / "sale.tnorder"
        file.write_bytes(encode_order(signed))
        relayer = key_file(tmp_path, sender("relay"))  # admitted to this chain
        before = node.held()
        command = ("order", "send", file, "--rpc", node.process.chain_url, "--key", relayer)
        ledger = ("--ledger", node.home / "ledger-deployment.json", "-o", "json")
        for _ in range(2):
            found = json.loads(run_well(*command, *ledger, TN_PASSPHRASE=PHRASE))
            assert (found["phase"], found["final"]) == ("EXECUTED", True)
        assert node.held() == (before[0] - 5, before[1] + 5)

    def test_another_order_of_the_same_id_is_not_taken_for_the_one_on_the_chain(
        self, node: LiveNode, lot: int, tmp_path: Path
    ) -> None:
        sale = node.parties.sale((lot, 5))
        assert node.send(node.signed(sale))[0] == 200
        other = node.signed(sale.but(parts=((lot, 6),), quantity=6))
        file = tmp_path / "other.tnorder"
        file.write_bytes(encode_order(other))
        relayer = key_file(tmp_path, sender("relay"))
        before = node.held()
        chain = ("--rpc", node.process.chain_url, "--key", relayer)
        ledger = ("--ledger", node.home / "ledger-deployment.json")
        refused = run("order", "send", file, *chain, *ledger, TN_PASSPHRASE=PHRASE)
        assert (refused.returncode, complaint(refused)[1]) == (1, "order.conflict")
        assert node.held() == before

    def test_an_order_that_no_registry_answers_to_does_not_wait_for_a_number(
        self, node: LiveNode
    ) -> None:
        parties = node.parties
        allowed = Order(
            kind=Kind.SET_COUNTERPARTY, source=parties.seller, to=parties.buyer, quantity=1
        )
        for _ in range(2):
            status, answer = node.send(node.signed(allowed))
            order = answer["data"]["order"]
            assert (status, order["phase"], order["final"]) == (200, "executed", True)
        node.level()
        seen = node.ask("LedgerOrderQuery", {"account": parties.seller}, who="seller")[1]
        (row,) = (each for each in seen["data"]["orders"] if each["order_id"] == order["order_id"])
        assert (row["phase"], row["final"]) == ("executed", True)

    def test_one_signature_after_the_other_by_two_persons(self, node: LiveNode, lot: int) -> None:
        signed = node.signed(node.parties.sale((lot, 7)))
        for about, phase in ((About.ORDER, "proposed"), (About.APPROVAL, "unconfirmed")):
            one = replace(signed, signatures={about: signed.signatures[about]})
            status, answer = node.send(one)
            assert (status, answer["data"]["order"]["phase"]) == (200, phase)

    def test_balances_lots_and_orders_with_the_height_of_the_copy(
        self, node: LiveNode, lot: int
    ) -> None:
        parties = node.parties
        assert node.send(node.signed(parties.sale((lot, 3))))[0] == 200
        node.level()
        answer = node.ask("LedgerBalanceQuery", {"account": parties.seller}, who="seller")[1]
        (account,) = answer["data"]["accounts"]
        (balance,) = (each for each in account["balances"] if each["class_id"] == parties.class_id)
        assert balance["total"] == node.held()[0]
        mirror = answer["data"]["mirror"]
        assert mirror["height"] == mirror["chain_head"] == mirror["final"]
        assert SENTENCE in mirror["legal_record"]
        lots = node.ask("LedgerLotQuery", {"account": parties.seller}, who="seller")[1]["data"]
        of_class = [
            each
            for each in lots["lots"]
            if each["class_id"] == parties.class_id and each["place"] != "SURRENDERED"
        ]
        assert sum(each["quantity"] for each in of_class) == node.held()[0]
        assert lot in [each["lot"] for each in lots["lots"]]
        orders = node.ask("LedgerOrderQuery", {"account": parties.buyer}, who="buyer")[1]["data"]
        assert {each["kind"] for each in orders["orders"]} >= {"LISTED"}

    def test_the_sentence_is_in_the_readers_language(self, node: LiveNode) -> None:
        answer = httpx.post(
            f"{node.process.url}/api/v1/LedgerBalanceQuery",
            json={},
            headers={
                "Authorization": f"Bearer {node.tokens['regulator']}",
                "Accept-Language": "zh",
            },
        ).json()
        assert "法定记录" in answer["data"]["mirror"]["legal_record"]


class TestScopes:
    def test_an_enterprise_sees_and_orders_for_itself_alone(self, node: LiveNode, lot: int) -> None:
        node.level()
        parties = node.parties
        for name, body in (
            ("LedgerBalanceQuery", {"account": parties.seller}),
            ("LedgerLotQuery", {"account": parties.seller}),
            ("LedgerOrderQuery", {"account": parties.seller}),
        ):
            status, answer = node.ask(name, body, who="buyer")
            assert (status, answer["data"]["reason"]) == (404, "not_found.account"), name
            status, answer = node.ask(name, body, who="stranger")
            assert (status, answer["data"]["reason"]) == (403, "access.ledger_organisation")
            assert node.ask(name, body, who="regulator")[0] == 200
        own = node.ask("LedgerBalanceQuery", {}, who="buyer")[1]["data"]["accounts"]
        assert [each["account"] for each in own] == [parties.buyer]
        signed = node.signed(parties.sale((lot, 1)))
        assert refused(node, signed, who="buyer")[2] == "order.organisation"

    def test_a_token_of_no_organisation_is_for_the_regulator_alone(self, node: LiveNode) -> None:
        words = ("tokens", "issue", "nobody", "--role", "enterprise", "--home", node.home)
        node.tokens["nobody"] = run_well(*words).strip()
        status, answer = node.ask("LedgerBalanceQuery", {}, who="nobody")
        assert (status, answer["data"]["reason"]) == (403, "access.ledger_organisation")

    def test_an_order_of_others_is_not_seen(self, node: LiveNode) -> None:
        order = node.parties.sale(
            kind=Kind.ISSUE, source=0, to=node.parties.issuance, subject=node.parties.class_id,
            quantity=5,
        )  # fmt: skip
        signed = node.signed(order)
        assert node.send(signed, who="regulator")[0] == 200
        node.level()
        query = {"order_id": "0x" + signed.order.order_id.hex()}
        assert node.ask("LedgerOrderQuery", query, who="regulator")[0] == 200
        status, answer = node.ask("LedgerOrderQuery", query, who="buyer")
        assert (status, answer["data"]["reason"]) == (404, "order.unknown")


class TestOtherCarbonAssets:
    @pytest.mark.parametrize(("code", "year"), [("CARBON-FUND-1", 2031), ("CARBON-BOND-26", 2032)])
    def test_units_of_a_fund_or_a_bond_circulate_and_never_serve_an_obligation(
        self, node: LiveNode, code: str, year: int
    ) -> None:
        """[S0-8-c2]: registered without a new contract, issued, traded, pledged, disclosed."""
        ledger, parties = node.ledger, node.parties

        def done(**fields: Any) -> None:
            who = fields.pop("who", "seller")
            status, answer = node.send(node.signed(Order(**fields)), who=who)
            phase = answer["data"]["order"]["phase"]
            assert (status, phase in ("unconfirmed", "executed")) == (200, True), answer

        name = code.encode().ljust(32, b"\0")
        registered = {"subject": Instrument.OTHER, "quantity": 2026, "registry_number": name}
        done(kind=Kind.REGISTER_CLASS, who="regulator", reason=digest("prospectus"), **registered)
        asset = int(ledger.lots.functions.classWithCode(name).call())
        issue = {"kind": Kind.ISSUE, "to": parties.seller, "subject": asset, "quantity": 100}
        done(who="regulator", **issue)
        lot = int(ledger.lots.functions.lotCount().call())
        own = {"source": parties.seller, "to": parties.seller}
        done(kind=Kind.MOVE, subject=Place.TRADING, parts=((lot, 100),), **own)
        trade = {"source": parties.seller, "to": parties.buyer}
        done(kind=Kind.LISTED, parts=((lot, 40),), **trade)
        done(kind=Kind.BLOCK, parts=((lot, 25),), **trade)
        done(kind=Kind.PLEDGE, parts=((lot, 10),), **trade)
        node.level()
        held = {}
        for who, account in (("seller", parties.seller), ("buyer", parties.buyer)):
            answer = node.ask("LedgerBalanceQuery", {"account": account}, who=who)[1]["data"]
            (row,) = (
                each for each in answer["accounts"][0]["balances"] if each["class_id"] == asset
            )
            assert (row["code"], row["instrument"]) == (code, "OTHER")
            held[who] = (row["registry"], row["trading"], row["frozen"])
        assert held == {"seller": (0, 25, 10), "buyer": (0, 65, 0)}
        products = httpx.get(f"{node.process.url}/disclosure/v1/products").json()["data"]
        (product,) = (each for each in products["products"] if each["product"] == code)
        assert (product["instrument"], product["circulating"]) == ("other", 100)

        ledger.common_rules(year)
        debt = ledger.oblige(parties.seller_organisation, year, 50)
        done(kind=Kind.MOVE, subject=Place.REGISTRY, parts=((lot, 25),), **own)
        for kind in (Kind.SURRENDER, Kind.OFFSET_FREEZE):
            serve = Order(kind=kind, source=parties.seller, subject=debt, parts=((lot, 5),))
            assert refused(node, node.signed(serve))[2].startswith("ledger.refused.")


class TestBadInput:
    """The list of the ledger: each its own code, and nothing half done."""

    @pytest.mark.parametrize(
        ("tonnes", "reason"),
        [
            ("-5", "order.amount.negative"),
            ("0.5", "order.amount.fractional"),
            ("0", "order.amount.zero"),
            ("1000000000001", "order.amount.too_large"),
            (str(2**256 - 1), "order.amount.too_large"),
            ("many", "order.amount"),
        ],
    )
    def test_amounts(self, node: LiveNode, lot: int, tonnes: str, reason: str) -> None:
        text = encode_order(node.signed(node.parties.sale((lot, 1)))).decode()
        text = text.replace('"quantity":"1"', f'"quantity":"{tonnes}"')
        status, answer = node.ask("LedgerOrder", {"file": text}, who="seller")
        assert (status, answer["data"]["reason"]) == (400, reason)
        assert answer["data"]["field"].startswith("order.")

    @pytest.mark.parametrize("file", ["", "{}", "[]", "not json", '{"type":"ledger-order@2"}', 5])
    def test_files(self, node: LiveNode, file: Any) -> None:
        status, answer = node.ask("LedgerOrder", {"file": file}, who="seller")
        assert status == 400
        assert answer["code"].startswith("2")

    def test_vintage_and_class(self, node: LiveNode) -> None:
        parties = node.parties
        fields = {"kind": Kind.ISSUE, "source": 0, "to": parties.seller, "quantity": 5}
        signed = node.signed(parties.sale(**fields, subject=999))
        assert refused(node, signed, who="regulator")[2] == "ledger.refused.unknown_class"

    def test_rules_that_are_not_valid_now(self, node: LiveNode) -> None:
        ledger, parties = node.ledger, node.parties
        now = int(time.time())
        lot = ledger.issue(parties.seller, parties.class_id, 10)
        ledger.common_rules(2025)
        debt = ledger.oblige(parties.seller_organisation, 2025, 10)
        order = parties.sale((lot, 1), kind=Kind.SURRENDER, to=0, subject=debt)
        rule = ledger.rules.functions.admissionRule(parties.class_id).call()
        assert refused(node, node.signed(order))[2] == "ledger.refused.unknown_rule"
        ledger.rule(rule, 2025, Admission.ALLOWANCE, valid=(now + 90_000, now + 99_000))
        assert refused(node, node.signed(order))[2] == "ledger.refused.rule_not_yet_valid"
        ledger.rule(rule, 2025, Admission.ALLOWANCE, valid=(now - 99_000, now - 90_000))
        again = node.signed(order)
        assert refused(node, again)[2] in (
            "ledger.refused.rule_not_yet_valid",
            "ledger.refused.rule_expired",
        )
        ledger.admit(parties.class_id, 2025, Admission.ALLOWANCE)
        too_much = parties.sale((lot, 10), kind=Kind.SURRENDER, to=0, subject=debt)
        assert node.send(again)[1]["data"]["order"]["phase"] == "unconfirmed"
        assert refused(node, node.signed(too_much))[2] in (
            "ledger.refused.insufficient_lot",
            "ledger.refused.exceeds_obligation",
        )

    def test_the_cap_exceeded_by_one_tonne(self, node: LiveNode) -> None:
        ledger, parties = node.ledger, node.parties
        ccer = ledger.register("CCER-1", Instrument.CCER, 2024)
        account = ledger.open(parties.seller_organisation, AccountKind.CCER)
        ledger.do(ledger.access, "bindAccount", account, parties.seller, by=REGISTRY_1)
        ledger.common_rules(2026)
        ledger.admit(ccer, 2026, Admission.OFFSET)
        debt = ledger.oblige(parties.seller_organisation, 2026, 1_000)  # cap floor(5 %) = 50
        lot = ledger.issue(account, ccer, 100)
        node.level()
        fields = {"kind": Kind.OFFSET_FREEZE, "source": account, "to": 0, "subject": debt}
        over = node.signed(parties.sale((lot, 51), **fields))
        status, code, reason = refused(node, over)
        assert (status, reason) == (409, "ledger.refused.offset_cap_exceeded")
        assert code.startswith("3031")
        assert node.send(node.signed(parties.sale((lot, 50), **fields)))[0] == 200

    def test_a_frozen_account(self, node: LiveNode) -> None:
        ledger, parties = node.ledger, node.parties
        account = ledger.open(parties.seller_organisation, AccountKind.HOLDING)
        lot = ledger.issue(account, parties.class_id, 10)
        ledger.do(ledger.access, "freezeAccount", account, digest("court"), by=REGULATOR_1)
        node.level()
        order = parties.sale((lot, 1), kind=Kind.MOVE, source=account, to=account, subject=2)
        assert refused(node, node.signed(order))[2] == "ledger.refused.account_frozen"

    def test_insufficient_lots(self, node: LiveNode) -> None:
        lot = node.parties.lot(10, trading=True)
        signed = node.signed(node.parties.sale((lot, 11)))
        assert refused(node, signed)[2] == "ledger.refused.insufficient_lot"

    def test_signatures(self, node: LiveNode, lot: int) -> None:
        sale = node.parties.sale
        one, other = (node.signed(sale((lot, 1))) for _ in range(2))
        replayed = replace(other, signatures=one.signatures)
        assert refused(node, replayed)[2] == "order.signature.mismatch"
        who = initiator_key(node.parties.seller)
        alone = node.signed(sale((lot, 1)), by={About.APPROVAL: who})
        assert refused(node, alone)[2] == "order.signature.same_person"
        stranger = node.signed(sale((lot, 1)), by={About.ORDER: sender("a stranger")})
        assert refused(node, stranger)[2] == "ledger.refused.not_authorised"

    def test_another_chain_and_another_contract(self, node: LiveNode, lot: int) -> None:
        foreign = node.signed(node.parties.sale((lot, 1), chain_id=5))
        assert refused(node, foreign)[2] == "order.ledger.chain_id"
        moved = replace(node.signed(node.parties.sale((lot, 1))), contract=b"\x01" * 20)
        assert refused(node, moved)[2] == "order.ledger.contract"

    def test_the_same_key_with_another_body(self, node: LiveNode, lot: int) -> None:
        order = node.parties.sale((lot, 1))
        assert node.send(node.signed(order))[0] == 200
        other = node.signed(node.parties.sale((lot, 2), order_id=order.order_id))
        assert refused(node, other)[::2] == (409, "order.conflict")

    def test_a_double_spend_race_of_two_clients(self, node: LiveNode) -> None:
        lot = node.parties.lot(10, trading=True)
        orders = [node.signed(node.parties.sale((lot, 10))) for _ in range(2)]
        before = node.held()
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(node.send, orders))
        assert sorted(status for status, _ in found) == [200, 409]
        (lost,) = (answer for status, answer in found if status == 409)
        assert lost["data"]["reason"] in (
            "ledger.refused.not_in_account",
            "ledger.refused.lot_reserved",
        )
        assert node.held() == (before[0] - 10, before[1] + 10)


class TestOfficersActs:
    def command(self, node: LiveNode, key: Path, *words: str) -> Any:
        ledger = ("--ledger", node.home / "ledger-deployment.json")
        rpc = ("--rpc", node.process.chain_url)
        return run("ledger", "act", *words, "--key", key, *rpc, *ledger, TN_PASSPHRASE=PHRASE)

    def test_an_act_and_its_refusals(self, node: LiveNode, tmp_path: Path) -> None:
        registry = key_file(tmp_path, REGISTRY_1)
        words = ("organisation=1", "kind=holding", "delay=0", "registryNumber=A-17")
        done = self.command(node, registry, "AccessRegistry.openAccount", *words)
        assert done.returncode == 0, done.stderr
        assert "AccountOpened" in done.stdout
        assert sm3(b"A-17").hex() in done.stderr
        outbox = registry.with_name(registry.name + ".outbox.db").read_bytes()
        for bad, code in (
            (("organisation=9999", *words[1:]), "ledger.refused.unknown_organisation"),
            (("organisation=-1", *words[1:]), "ledger.act.value"),
            (("organisation=1", "kind=piggy-bank", *words[2:]), "ledger.act.value"),
            (words[1:], "ledger.act.argument"),
            ((*words, "more=1"), "ledger.act.argument"),
        ):
            refusal = self.command(node, registry, "AccessRegistry.openAccount", *bad)
            assert complaint(refusal)[1] == code
            assert complaint(refusal)[2]
        assert registry.with_name(registry.name + ".outbox.db").read_bytes() == outbox
        other = self.command(node, registry, "RuleBook.approve", "proposalId=1")
        assert complaint(other)[1] in (
            "ledger.refused.not_officer",
            "ledger.refused.proposal_not_open",
        )
        assert complaint(self.command(node, registry, "LotBook.issue"))[1] == "ledger.act.unknown"


class TestKills:
    """kill -9 of the node, its chain with it, while an order is on its way."""

    @pytest.mark.parametrize(
        "after_ms",
        [
            *(15, 80, 300),
            *(pytest.param(ms, marks=pytest.mark.soak) for ms in (0, 40, 130, 200, 450)),
        ],
    )
    def test_at_some_point_of_an_order(self, node: LiveNode, lot: int, after_ms: int) -> None:
        before = node.held()
        signed = node.signed(node.parties.sale((lot, 3)))

        def kill() -> None:
            time.sleep(after_ms / 1_000)
            os.kill(node.process.popen.pid, signal.SIGKILL)
            node.process.popen.wait()

        killer = threading.Thread(target=kill)
        killer.start()
        answered = None
        with contextlib.suppress(httpx.HTTPError):
            answered = node.send(signed)
        killer.join()
        node.restart()
        query = {"order_id": "0x" + signed.order.order_id.hex()}
        found, answer = node.ask("LedgerOrderQuery", query)
        if found == 404:  # it was not kept, so nobody was told that it was
            assert answered is None
            assert node.held() == before
        status, answer = node.send(signed)  # as a client that had no answer does
        assert (status, answer["data"]["order"]["phase"]) == (200, "unconfirmed")
        assert node.held() == (before[0] - 3, before[1] + 3)
        assert node.send(signed)[0] == 200
        assert node.held() == (before[0] - 3, before[1] + 3)

    def test_what_was_kept_goes_on_without_the_client(self, node: LiveNode, lot: int) -> None:
        before = node.held()
        signed = node.signed(node.parties.sale((lot, 3)))
        for child in node.process.children():
            os.kill(child, signal.SIGKILL)  # the chain alone
        status, answer = node.send(signed)
        assert (status, answer["data"]["order"]["phase"]) == (200, "signed")
        os.kill(node.process.popen.pid, signal.SIGKILL)
        node.process.popen.wait()
        node.restart()
        deadline = time.monotonic() + 30
        while node.held() == before:
            assert time.monotonic() < deadline, node.process.told
            time.sleep(0.2)
        assert node.held() == (before[0] - 3, before[1] + 3)


def test_a_hundred_clients_move_lots_at_once(node: LiveNode) -> None:
    """The short form of the benchmark: every client moves its own lot, nothing is lost or doubled."""
    lots = [node.parties.lot(10, trading=True) for _ in range(4)]
    orders = [node.signed(node.parties.sale((lots[n % 4], 1))) for n in range(CLIENTS)]
    before = node.held()
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = Counter(status for status, _ in pool.map(node.send, orders))
    done = found[200]
    assert done == 40  # four lots of ten tonnes; the others find them empty
    assert found[409] == CLIENTS - done
    assert node.held() == (before[0] - done, before[1] + done)
    node.level()
    compared = json.loads(run_well("ledger", "reconcile", "--home", node.home, "-o", "json"))
    assert compared["differences"] == []
    data = node.ask("LedgerBalanceQuery", {"account": node.parties.buyer}, who="buyer")[1]["data"]
    balances = data["accounts"][0]["balances"]
    of_class = [each for each in balances if each["class_id"] == node.parties.class_id]
    assert sum(each["total"] for each in of_class) == node.held()[1]
