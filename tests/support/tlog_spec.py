"""The examples of docs/spec for the log, composed by hand from the keys of ``tlog_keys``.

Nothing here uses the product's formats: hashes come from the recursive reference, key ids from
hashlib, texts from string formatting. SM2 signs with a random number, so its two signatures are
constants, made once; the tests verify them.
"""

import hashlib
import re
from base64 import b64encode
from pathlib import Path

from support import reference
from support.tlog_keys import ORIGIN, bls_key, ed25519_key, sm2_key

from trace_node.crypto import bls
from trace_node.crypto.sm3 import sm3

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec"
TIME = 1_790_000_000
ENTRIES = [b"reading %d" % number for number in range(5)]
WITNESSES = [f"witness-{number}.example" for number in range(1, 6)]
LOG_SIGNATURE = bytes.fromhex(
    "3b708d88b9eac701efb39263c3cda74f4e0542f9165dd16243fd3f3ca85c6e22"
    "a7467df10aa010c83219e43a7e4fb15f50247606c292e7cef11589f10124c8a7"
)
WITNESS_SIGNATURE = bytes.fromhex(
    "41fc5899658506e00ec3555f648a09e87642a0f73ac053cd12e109795025f70c"
    "f1e7f8fc6696c3b3da67551d10301293c9cda4ad7a2a851f251aa572ebb3371e"
)

_BLOCK = re.compile(r"^```text ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(page: str) -> dict[str, str]:
    """The named examples of a page."""
    return dict(_BLOCK.findall((SPEC / f"{page}.md").read_text(encoding="utf-8")))


def base64(value: bytes) -> str:
    return b64encode(value).decode()


def key_id(name: str, material: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]


def vkey(name: str, material: bytes) -> str:
    return f"{name}+{key_id(name, material).hex()}+{base64(material)}"


def line(name: str, material: bytes, signature: bytes) -> str:
    return f"— {name} {base64(key_id(name, material) + signature)}\n"


def root(size: int) -> bytes:
    return reference.root(sm3, ENTRIES[:size])


def text(size: int = 5) -> str:
    return f"{ORIGIN}\n{size}\n{base64(root(size))}\n"


def message() -> bytes:
    return f"cosignature/v1\ntime {TIME}\n{text()}".encode()


def log_materials() -> list[bytes]:
    return [
        b"\xffSM2-SM3" + sm2_key("log").public.point,
        b"\x01" + ed25519_key("log").public.raw,
    ]


def bls_material(name: str) -> bytes:
    key = bls_key(name)
    return b"\xffcosignature/v1 BLS12-381" + key.public.raw + key.prove_possession()


def witness_materials() -> list[bytes]:
    return [
        b"\xffcosignature/v1 SM2-SM3" + sm2_key(WITNESSES[0]).public.point,
        b"\x04" + ed25519_key(WITNESSES[1]).public.raw,
        *(bls_material(name) for name in WITNESSES[2:]),
    ]


def signed_checkpoint() -> str:
    sm2_material, ed25519_material = log_materials()
    return (
        text()
        + "\n"
        + line(ORIGIN, sm2_material, LOG_SIGNATURE)
        + line(ORIGIN, ed25519_material, ed25519_key("log").sign(text().encode()))
    )


def aggregate_line() -> str:
    material = b"\xffaggregate-cosignature/v1 BLS12-381" + b"".join(
        bls_key(name).public.raw for name in WITNESSES[2:]
    )
    folded = bls.aggregate([bls_key(name).sign(message()) for name in WITNESSES[3:]])
    return line("witnesses", material, b"\x06" + TIME.to_bytes(8, "big") + folded)


def cosigned_checkpoint() -> str:
    time = TIME.to_bytes(8, "big")
    signatures = [
        WITNESS_SIGNATURE,
        ed25519_key(WITNESSES[1]).sign(message()),
        bls_key(WITNESSES[2]).sign(message()),
    ]
    lines = [
        line(name, material, time + signature)
        for name, material, signature in zip(
            WITNESSES, witness_materials(), signatures, strict=False
        )
    ]
    return signed_checkpoint() + "".join(lines) + aggregate_line()


def policy() -> str:
    names = ["regulator", "verifier", "peer-1", "peer-2", "peer-3"]
    lines = [f"log {vkey(ORIGIN, material)}" for material in log_materials()]
    lines += [
        f"witness {label} {vkey(name, material)}"
        for label, name, material in zip(names, WITNESSES, witness_materials(), strict=True)
    ]
    lines += [
        "group peers 2 peer-1 peer-2 peer-3",
        "group everybody 3 regulator verifier peers",
        "quorum everybody",
    ]
    return "".join(f"{one}\n" for one in lines)


def hashes() -> str:
    leaves = [reference.leaf(sm3, entry) for entry in ENTRIES]
    pairs = [sm3(b"\x01" + leaves[i] + leaves[i + 1]) for i in (0, 2)]
    lines = [f"leaf {index}       {value.hex()}" for index, value in enumerate(leaves)]
    lines += [f"subtree 1 {index}  {value.hex()}" for index, value in enumerate(pairs)]
    lines.append(f"subtree 2 0  {root(4).hex()}")
    lines += [f"root of {size}    {root(size).hex()}" for size in (0, 3, 5)]
    return "".join(f"{one}\n" for one in lines)


def hex_lines(values: list[bytes]) -> str:
    return "".join(f"{value.hex()}\n" for value in values)


def paths() -> str:
    return (
        "tile/0/000\n…\ntile/0/272\ntile/0/273.p/112\ntile/1/000\ntile/1/001.p/17\ntile/2/000.p/1\n"
    )


def request() -> str:
    proof = "".join(f"{base64(value)}\n" for value in reference.consistency(sm3, 3, ENTRIES))
    return f"old 3\n{proof}\n{signed_checkpoint()}"


def proof() -> str:
    lines = "".join(f"{base64(value)}\n" for value in reference.inclusion(sm3, 2, ENTRIES))
    return f"c2sp.org/tlog-proof@v1\nindex 2\n{lines}\n{cosigned_checkpoint()}"


def bundle() -> bytes:
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in ENTRIES)


def derived() -> dict[tuple[str, str], str]:
    """What each example of each page must be."""
    leaves = [reference.leaf(sm3, entry) for entry in ENTRIES]
    return {
        ("tree", "hashes"): hashes(),
        ("tree", "inclusion of 2 in 5"): hex_lines(reference.inclusion(sm3, 2, ENTRIES)),
        ("tree", "consistency of 3 and 5"): hex_lines(reference.consistency(sm3, 3, ENTRIES)),
        ("tree", "compact range of 5"): hex_lines([root(4), leaves[4]]),
        ("checkpoint", "signed checkpoint"): signed_checkpoint(),
        ("checkpoint", "keys"): "".join(f"{vkey(ORIGIN, m)}\n" for m in log_materials()),
        ("cosignature", "cosigned checkpoint"): cosigned_checkpoint(),
        ("cosignature", "policy"): policy(),
        ("cosignature", "message"): message().decode(),
        ("cosignature", "aggregate"): aggregate_line(),
        ("cosignature", "add-checkpoint"): request(),
        ("tiles", "tiles of 70000"): paths(),
        ("tiles", "tile/entries/000.p/5"): bundle().hex() + "\n",
        ("tiles", "tile/0/000.p/5"): hex_lines(leaves),
        ("tlog-proof", "proof of reading 2"): proof(),
    }
