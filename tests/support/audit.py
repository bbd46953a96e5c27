"""An auditor of a node's home who shares no code with the product's checks.

Everything is recomputed from the bodies of the entries with ``hashlib``; the chain is asked by bare
JSON-RPC with call data made by hand.
"""

import base64
import hashlib
import json
import sqlite3
import tomllib
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from eth_utils import keccak
from support.node_process import run

ANCHORED = "0x" + keccak(text="Anchored(bytes32,uint64,bytes32,uint64,bytes32,uint64)").hex()
HEAD = keccak(text="head(bytes32)")[:4].hex()
ANCHOR = keccak(text="anchor(bytes32,uint64,bytes32,uint64,bytes32,bytes32[])")[:4].hex()


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


class Tree:
    """The right edge of an RFC 9162 tree: enough for the root after each leaf."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []  # (leaves below, hash), left to right

    def add(self, leaf_hash: bytes) -> None:
        width, node = 1, leaf_hash
        while self._edge and self._edge[-1][0] == width:
            node = sm3(b"\x01" + self._edge.pop()[1] + node)
            width *= 2
        self._edge.append((width, node))
        self.size += 1

    def root(self) -> bytes:
        if not self._edge:
            return sm3(b"")
        node = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            node = sm3(b"\x01" + left + node)
        return node


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was found, recomputed.

    Attributes:
        leaves: Leaf hash of each entry.
        roots: Root of the tree of each size that a checkpoint or an anchor names.
    """

    leaves: Sequence[bytes]
    roots: dict[int, bytes]

    def require_holds(self, acknowledged: dict[int, bytes]) -> None:
        """Require every acknowledged leaf at its index, byte for byte."""
        for index, leaf_hash in acknowledged.items():
            assert index < len(self.leaves), f"acknowledged leaf {index} is lost"
            assert self.leaves[index] == leaf_hash, f"acknowledged leaf {index} was changed"


def audit(home: Path, *, heads: Sequence[tuple[int, bytes]] = ()) -> Audit:
    """Recompute the log of a home from its bodies, and compare everything kept beside them.

    Args:
        home: The home; the node may run.
        heads: Further (size, root) that must be in its history, such as those on the chain.
    """
    with closing(open_log(home)) as connection:
        return audit_of(connection, heads=heads)


def logged(home: Path) -> set[bytes]:
    """The leaf hashes that a home has on the disk, as they are stored."""
    with closing(open_log(home)) as connection:
        return {found for (found,) in connection.execute("SELECT leaf_hash FROM entries")}


def open_log(home: Path) -> Any:
    """One snapshot of a home's database, on whichever engine its settings name."""
    settings = tomllib.loads((home / "trace-node.toml").read_text(encoding="utf-8"))
    url = settings.get("database_url", "")
    return _postgresql(url) if url else _sqlite(home)


def _sqlite(home: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{home / 'node.db'}?mode=ro", uri=True)
    connection.execute("BEGIN")
    return connection


def _postgresql(url: str) -> Any:
    import psycopg  # noqa: PLC0415 (an extra: absent where these tests are skipped)

    connection = psycopg.connect(url)
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return connection


def audit_of(connection: Any, *, heads: Sequence[tuple[int, bytes]] = ()) -> Audit:
    """The same within a transaction of sqlite3 or psycopg that sees one snapshot."""
    sealed = connection.execute("SELECT size, root, note FROM checkpoints ORDER BY size").fetchall()
    wanted = {size for size, *_ in sealed} | {size for size, _ in heads}
    tree, leaves, roots = Tree(), [], {0: sm3(b"")}
    rows = connection.execute("SELECT leaf_index, body, leaf_hash FROM entries ORDER BY leaf_index")
    for index, body, stored in rows:
        assert index == tree.size, f"index {tree.size} is missing"
        leaf_hash = sm3(b"\x00" + body)
        assert leaf_hash == stored, f"leaf {index} is not the hash of its body"
        tree.add(leaf_hash)
        leaves.append(leaf_hash)
        if tree.size in wanted:
            roots[tree.size] = tree.root()
    state = connection.execute("SELECT size, root FROM tree_state").fetchone()
    assert state == (tree.size, tree.root()), "the state of the tree is not that of its entries"
    for size, root, note in sealed:
        assert roots.get(size) == root, f"checkpoint {size} names another root"
        lines = bytes(note).split(b"\n")
        assert lines[1:3] == [b"%d" % size, base64.b64encode(root)], f"checkpoint {size} says else"
    for size, root in heads:
        assert roots.get(size) == root, f"the head of {size} leaves is not in this history"
    _require_gapless(connection)
    return Audit(leaves=leaves, roots=roots)


def _require_gapless(connection: Any) -> None:
    """Each (device, boot) has the numbers from 0 on without gap, and its head is the last one."""
    rows = connection.execute(
        "SELECT s.device, s.boot, s.head_seq, count(e.seq), min(e.seq), max(e.seq)"
        " FROM streams s JOIN entries e USING (stream_id) GROUP BY s.stream_id"
    )
    for device, boot, head, count, first, last in rows:
        found = (first, last, count)
        assert found == (0, head, head + 1), f"{device} {boot.hex()}: {found}, head {head}"


def ask(url: str, method: str, *params: object) -> dict[str, Any]:
    """One JSON-RPC question by the standard library; result or error."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(  # noqa: S310 - a loopback URL of our own
        url, data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.loads(answer.read())


def rpc(url: str, method: str, *params: object) -> Any:
    """The result of a JSON-RPC question that must have one."""
    said = ask(url, method, *params)
    assert "error" not in said, said
    return said["result"]


def contract_of(home: Path) -> str:
    """Where the contract is, from the home's record of its deployment."""
    return json.loads((home / "deployment.json").read_text())["contract"]


def chain_head(url: str, contract: str, log_id: str) -> tuple[int, bytes]:
    """(size, root) that the contract holds, by ``eth_call`` with call data made by hand."""
    call = {"to": contract, "data": "0x" + HEAD + log_id.removeprefix("0x").rjust(64, "0")}
    words = bytes.fromhex(rpc(url, "eth_call", call, "latest")[2:])
    return int.from_bytes(words[:32], "big"), words[32:64]


def refusal_of_anchor(
    url: str,
    contract: str,
    log_id: str,
    *,
    sender: str,
    heads: Sequence[tuple[int, bytes]],
    proof: Sequence[bytes],
) -> str | None:
    """Error selector with which the contract refuses to move the head; None when it would not.

    Args:
        url: The chain.
        contract: Address of the contract.
        log_id: The log.
        sender: Who asks.
        heads: (size, root) that is claimed to be stored, and the one wanted.
        proof: Consistency proof between them.
    """
    words = [bytes.fromhex(log_id.removeprefix("0x"))]
    for size, root in heads:
        words += [size.to_bytes(32, "big"), root]
    words += [(6 * 32).to_bytes(32, "big"), len(proof).to_bytes(32, "big"), *proof]
    call = {"from": sender, "to": contract, "data": "0x" + ANCHOR + b"".join(words).hex()}
    said = ask(url, "eth_call", call, "latest")
    return said["error"]["data"][:10] if "error" in said else None


def lineage(chain: str | Callable[..., Any], contract: str) -> list[tuple[int, bytes]]:
    """Every head the contract ever held, from its events; each must follow the one before.

    Args:
        chain: URL of the chain, or what answers a method with parameters.
        contract: Address of the contract.
    """
    answer = partial(rpc, chain) if isinstance(chain, str) else chain
    query = {"address": contract, "fromBlock": "0x0", "toBlock": "latest", "topics": [ANCHORED]}
    heads, before = [], (0, sm3(b""))
    events = answer("eth_getLogs", query)
    assert len({event["topics"][1] for event in events}) <= 1, "there are two logs"
    for event in events:
        data = bytes.fromhex(event["data"][2:])
        previous = (int.from_bytes(data[:32], "big"), data[32:64])
        assert previous == before, f"the anchor of {event['topics'][2]} does not follow {before[0]}"
        before = (int(event["topics"][2], 16), data[64:96])
        assert before[0] > previous[0]
        heads.append(before)
    return heads


def require_fsck_clean(home: Path, **env: str) -> None:
    """Let the product check itself."""
    done = run("fsck", "--home", home, timeout=300, **env)
    assert done.returncode == 0, (done.stdout, done.stderr)
