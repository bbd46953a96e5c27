"""The examples of docs/spec/anchor.md, derived again without the code they describe."""

import json
import re
from pathlib import Path

import rlp
from eth_keys import keys
from eth_utils import keccak, to_checksum_address
from support import reference

from chain.deploy import read_deployment, write_deployment
from chain.engines import ENGINES
from chain.light import LightChain
from chain.light_questions import RegistryQuestions
from chain.rpc_values import call_data, word
from chain.signer_key import AnchorKey
from trace_node.crypto.sm3 import sm3
from trace_node.ports.anchoring import AnchorState
from trace_node.services.start_check import contradiction
from trace_node.tlog.anchor import Anchor, AnchoredHead

PAGE = Path(__file__).resolve().parents[3] / "docs" / "spec" / "anchor.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```text ([^\n]+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))

OWNER, SIGNER = keys.PrivateKey(b"\x01" * 32), keys.PrivateKey(b"\x02" * 32)
CHAIN_ID, NONCE = 20_260, 7
CONTRACT = keccak(rlp.encode([OWNER.public_key.to_canonical_address(), 0]))[12:]
LOG_ID = keccak(
    OWNER.public_key.to_canonical_address() + keccak(text="trace-node.local/plant-a/sm3")
)
ENTRIES = [b"reading %d" % number for number in range(5)]
ROOTS = [reference.root(sm3, ENTRIES[:size]) for size in range(6)]
GENESIS, BLOCK = keccak(text="genesis"), keccak(text="block")
ANCHOR_TYPES = "anchor(bytes32,uint64,bytes32,uint64,bytes32,bytes32[])"


def wrapped(raw: bytes) -> str:
    digits = raw.hex()
    return "".join(digits[at : at + 96] + "\n" for at in range(0, len(digits), 96))


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


def signed_by_hand() -> bytes:
    """EIP-155 by its text: RLP of nine fields, of which the last three are the signature."""
    numbers = [0, ROOTS[0], 3, ROOTS[3], 6 * 32, 0]
    words = [LOG_ID, *(v if isinstance(v, bytes) else v.to_bytes(32) for v in numbers)]
    data = keccak(text=ANCHOR_TYPES)[:4] + b"".join(words)
    fields = [NONCE, 0, 500_000, CONTRACT, 0, data]
    signature = SIGNER.sign_msg_hash(keccak(rlp.encode([*fields, CHAIN_ID, 0, 0])))
    v = signature.v + 35 + 2 * CHAIN_ID
    return rlp.encode([*fields, v, signature.r, signature.s])


def test_the_transaction() -> None:
    raw = signed_by_hand()
    assert EXAMPLES["transaction"] == wrapped(raw)
    assert EXAMPLES["transaction hash"] == keccak(raw).hex() + "\n"
    data = rlp.decode(raw)[5]
    made = AnchorKey(b"\x02" * 32).sign(
        chain_id=CHAIN_ID, nonce=NONCE, to=CONTRACT, data=data, gas=500_000
    )
    assert made.raw == raw
    assert made.transaction_hash == keccak(raw)


def test_the_questions() -> None:
    head = keccak(text="head(bytes32)")[:4] + LOG_ID
    at_three = keccak(text="anchoredAt(bytes32,uint64)")[:4] + LOG_ID + (3).to_bytes(32)
    bodies = [
        [{"data": "0x" + head.hex(), "to": "0x" + CONTRACT.hex()}, "latest"],
        [
            {"data": "0x" + at_three.hex(), "to": "0x" + CONTRACT.hex()},
            {"blockHash": "0x" + BLOCK.hex(), "requireCanonical": True},
        ],
    ]
    shown = "".join(
        canonical({"id": at, "jsonrpc": "2.0", "method": "eth_call", "params": params})
        for at, params in enumerate(bodies, start=1)
    )
    assert EXAMPLES["questions"] == shown
    assert call_data("head(bytes32)", LOG_ID) == head
    assert call_data("anchoredAt(bytes32,uint64)", LOG_ID, word(3)) == at_three


def test_the_record_of_a_deployment(tmp_path: Path) -> None:
    owner = OWNER.public_key.to_canonical_address()
    record = {
        "artifact": "CheckpointRegistry",
        "artifact_digest": "ab" * 32,
        "block_hash": "0x" + BLOCK.hex(),
        "block_number": 1,
        "chain_id": CHAIN_ID,
        "contract": to_checksum_address(CONTRACT),
        "deployer": to_checksum_address(owner),
        "engine": "embedded",
        "genesis_hash": "0x" + GENESIS.hex(),
        "runtime_code_hash": "0x" + keccak(text="code").hex(),
        "transaction_hash": "0x" + keccak(text="transaction").hex(),
        "type": "chain-deployment@1",
    }
    assert EXAMPLES["deployment"] == canonical(record)
    (tmp_path / "record").write_text(EXAMPLES["deployment"], encoding="utf-8")
    read = read_deployment(tmp_path / "record")
    assert read.contract == CONTRACT
    write_deployment(tmp_path / "again", read)
    assert (tmp_path / "again").read_text(encoding="utf-8") == EXAMPLES["deployment"]


def test_the_evidence_of_a_contradiction() -> None:
    local = AnchoredHead(size=5, root=ROOTS[5])
    chain = AnchoredHead(size=3, root=sm3(b"rewritten"))
    anchor = Anchor(
        engine="embedded",
        chain_id=CHAIN_ID,
        genesis_hash=GENESIS,
        contract=CONTRACT,
        log_id=LOG_ID,
        transaction_hash=keccak(text="transaction"),
        block_number=9,
        block_hash=BLOCK,
        block_time=1_790_000_000,
        previous=AnchoredHead(size=0, root=ROOTS[0]),
        head=chain,
    )
    made = contradiction(
        log_id=LOG_ID,
        local=local,
        local_root_at_chain_size=ROOTS[3],
        checkpoint=b"(the signed note)\n",
        proof=reference.consistency(sm3, 3, ENTRIES[:5]),
        chain=chain,
        anchor=anchor,
    )
    assert EXAMPLES["contradiction"] == made.decode() + "\n"
    assert json.loads(made)["local"]["checkpoint"] == "(the signed note)\n"


def test_the_page_names_every_engine_state_and_check() -> None:
    for name in ENGINES:
        assert f"| `{name}` |" in TEXT
    for state in AnchorState:
        assert f"`{state.value}`" in TEXT
    checks = ["claim", "chain_id", "genesis", "code", "block", "event", "state", "head", "finality"]
    rows = re.findall(r"^\| \d \| `(\w+)` \|", TEXT, re.MULTILINE)
    assert rows == checks
    source = Path(__file__).resolve().parents[3] / "chain"
    code = (source / "light.py").read_text() + (source / "light_questions.py").read_text()
    for reason in set(re.findall(r'"(chain\.[a-z_]+)"', code)) - {"chain.url"}:
        assert f"`{reason}`" in TEXT, reason
    assert LightChain.__doc__
    assert RegistryQuestions.__doc__
