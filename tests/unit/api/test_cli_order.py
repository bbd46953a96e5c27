"""``trace-node order`` without any node: files are written, read, signed and refused at a desk."""

import json
from pathlib import Path

import pytest
from eth_account import Account
from support.cheap_keys import CHEAP_SCRYPT
from support.command import Done, command
from support.node_process import free_port

from chain.addresses import keccak256
from chain.artifacts import load
from chain.ledger_contracts import CONTRACT_NAMES
from chain.ledger_record import LedgerContract, LedgerDeployment, write_ledger
from trace_node.crypto.sm3 import sm3
from trace_node.quota.ledger.order_file import decode_order
from trace_node.quota.ledger.signed_order import About

PHRASE = "of the keys of a test"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the record of a ledger and two account keys."""
    contracts = {
        book: LedgerContract(
            address=bytes([book]) * 20,
            runtime_code_hash=keccak256(load(name).runtime_code),
            artifact_digest=load(name).digest,
        )
        for book, name in CONTRACT_NAMES.items()
    }
    write_ledger(
        tmp_path / "ledger.json",
        LedgerDeployment(
            engine="embedded",
            chain_id=20_260,
            genesis_hash=b"\x01" * 32,
            contracts=contracts,
            first_block=3,
        ),
    )
    for number in (1, 2):
        path = tmp_path / f"key-{number}.json"
        secret = number.to_bytes(32)
        path.write_text(json.dumps(Account.encrypt(secret, PHRASE, iterations=CHEAP_SCRYPT)))
        path.chmod(0o600)
    return tmp_path


def new(desk: Path, kind: str, *words: object, file: str = "a.tnorder") -> Done:
    return command("order", "new", kind, desk / file, "--ledger", desk / "ledger.json", *words)


def sign(desk: Path, number: int, *words: object) -> Done:
    key = ("--key", desk / f"key-{number}.json")
    return command("order", "sign", desk / "a.tnorder", *key, *words, TN_PASSPHRASE=PHRASE)


SALE = ("--from", 7, "--to", 8, "--lot", "22:100", "--lot", "21:400")


def test_from_new_to_verified(desk: Path) -> None:
    made = new(desk, "listed", *SALE, "--reason", "本月交易", "--deadline", "+2d")
    assert made.code == 0, made.err
    for line in (
        "LISTED (listed agreement), 500 t",
        "of lot 21: 400 t",
        "of lot 22: 100 t",
        "chain 20260",
        "本月交易",
    ):
        assert line in made.out
    assert "legal record" in made.out
    order = decode_order((desk / "a.tnorder").read_bytes()).order
    assert int.from_bytes(order.order_id[:8]) == 7
    assert command("order", "verify", desk / "a.tnorder").code == 3
    first, second = sign(desk, 1), sign(desk, 2)
    assert (first.code, second.code) == (0, 0), (first.err, second.err)
    assert "LISTED (listed agreement), 500 t" in first.out  # what is signed is shown
    done = command("order", "verify", desk / "a.tnorder", "-o", "json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["verified"]
    assert list(told["signatures"]) == ["approval", "order"]
    chinese = command("order", "show", desk / "a.tnorder", TN_LANG="zh_CN")
    assert "批次 21：400 吨" in chinese.out
    assert "法定记录" in chinese.out


def test_one_person_does_not_sign_twice(desk: Path) -> None:
    new(desk, "LISTED", *SALE)
    sign(desk, 1)
    before = (desk / "a.tnorder").read_bytes()
    refused = sign(desk, 1, "--as", "approval")
    assert refused.complaint[1] == "order.signature.same_person"
    assert (desk / "a.tnorder").read_bytes() == before
    assert sign(desk, 1, "--as", "cancellation").code == 0
    signed = decode_order((desk / "a.tnorder").read_bytes())
    assert set(signed.signatures) == {About.ORDER, About.CANCELLATION}


def test_what_is_private_is_in_a_file_of_its_own(desk: Path) -> None:
    cancel = ("--from", 7, "--to", 9, "--lot", "21:5", "--reason", "asked for")
    assert new(desk, "CANCEL", *cancel).complaint[1] == "order.commitment"
    assert new(desk, "CANCEL", *cancel, "--private", "beneficiary=Example Steel").code == 0
    opening = desk / "a.opening.json"
    assert opening.stat().st_mode & 0o777 == 0o600
    raw = (desk / "a.tnorder").read_bytes()
    assert b"Example Steel" not in raw
    assert decode_order(raw).order.commitment == sm3(opening.read_bytes())


@pytest.mark.parametrize(
    ("kind", "words", "code"),
    [
        ("GIVE", SALE, "order.kind"),
        ("LISTED", ("--from", 7, "--to", 8, "--lot", "21:-4"), "order.amount.negative"),
        ("LISTED", ("--from", 7, "--to", 8, "--lot", "21:0.5"), "order.amount.fractional"),
        ("LISTED", ("--from", 7, "--to", 8, "--lot", "21:0"), "order.amount.zero"),
        ("LISTED", ("--from", 7, "--to", 8, "--lot", "21:1000000000001"), "order.amount.too_large"),
        ("LISTED", ("--from", 7, "--to", 8, "--lot", "21"), "order.parts"),
        ("LISTED", ("--from", 7, "--to", 8, "--lot", "21:1", "--lot", "21:1"), "order.parts.order"),
        ("LISTED", ("--from", 7, "--to", 8), "order.parts"),
        ("LISTED", ("--from", 7, "--to", 8, "--quantity", "5"), "order.parts"),
        ("LISTED", (*SALE, "--quantity", "501"), "order.quantity"),
        ("LISTED", SALE[2:], "order.account"),
        ("SURRENDER", ("--from", 7, "--lot", "21:1"), "order.subject"),
        ("FREEZE", ("--from", 7, "--lot", "21:1"), "order.reason"),
        ("LISTED", (*SALE, "--deadline", "soon"), "order.deadline"),
        ("LISTED", (*SALE, "--deadline", "2026-12-31"), "order.deadline"),
        ("LISTED", (*SALE, "--not-before", "+8d"), "order.deadline"),
        ("LISTED", (*SALE, "--deadline", "2020-01-01T00:00:00+08:00"), "order.deadline"),
        ("LISTED", (*SALE, "--deadline", "+0m"), "order.deadline"),
        ("LISTED", (*SALE, "--private", "price"), "input.pair"),
        ("LISTED", (*SALE, "--reason", "a\nb"), "order.text"),
        ("REGISTER_CLASS", ("--subject", 1, "--quantity", "2025"), "order.registry_number"),
    ],
)  # fmt: skip
def test_a_bad_order_is_not_written(
    desk: Path, kind: str, words: tuple[object, ...], code: str
) -> None:
    refused = new(desk, kind, *words)
    assert refused.complaint[1] == code
    assert refused.remedy
    assert refused.code == 2
    assert not list(desk.glob("a.*"))


def test_nothing_is_overwritten(desk: Path) -> None:
    new(desk, "LISTED", *SALE)
    before = (desk / "a.tnorder").read_bytes()
    assert new(desk, "LISTED", *SALE).complaint[1] == "input.file"
    assert (desk / "a.tnorder").read_bytes() == before


def test_a_wrong_key_or_file_is_told(desk: Path) -> None:
    new(desk, "LISTED", *SALE)
    path = ("order", "sign", desk / "a.tnorder", "--key", desk / "key-1.json")
    assert command(*path, TN_PASSPHRASE="other").complaint[1] == "chain.key_file.passphrase"  # noqa: S106
    assert command(*path[:3], TN_PASSPHRASE=PHRASE).complaint[1] == "input.usage"
    raw = (desk / "a.tnorder").read_bytes()
    (desk / "a.tnorder").write_bytes(raw.replace(b'"to":8', b'"to":9'))
    sign(desk, 1)
    changed = (desk / "a.tnorder").read_bytes().replace(b'"to":9', b'"to":8')
    (desk / "a.tnorder").write_bytes(changed)
    refused = command("order", "verify", desk / "a.tnorder")
    assert (refused.code, refused.complaint[1]) == (1, "order.signature.mismatch")


def test_a_node_or_a_chain_that_does_not_answer(desk: Path) -> None:
    new(desk, "LISTED", *SALE)
    away = f"http://127.0.0.1:{free_port()}"
    send = ("order", "send", desk / "a.tnorder")
    refused = command(*send, "--node", away, "--token", "x")
    assert (refused.code, refused.complaint[1]) == (4, "unavailable.node")
    assert command(*send, "--node", away).complaint[1] == "input.choice"
    assert command(*send).complaint[1] == "input.choice"
    status = ("order", "status", "0x12", "--node", away, "--token", "x")
    assert command(*status).complaint[1] == "order.id"
