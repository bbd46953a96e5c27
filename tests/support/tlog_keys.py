"""Keys that every run has alike: their secrets are digests of labels and protect nothing."""

from functools import cache

from trace_node.crypto import bls, ed25519, sm2
from trace_node.crypto.sm3 import sm3
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.cosignature import Cosigner, bls_cosigner, ed25519_cosigner, sm2_cosigner
from trace_node.tlog.note import SignedNote
from trace_node.tlog.note_keys import Ed25519NoteSigner, Sm2NoteSigner

ORIGIN = "trace-node.local/plant-a/sm3"


def secret(label: str) -> bytes:
    """32 bytes, small enough to be a secret of each of the three algorithms."""
    return b"\x00" + sm3(f"trace-node example key: {label}".encode())[1:]


@cache
def sm2_key(label: str) -> sm2.PrivateKey:
    return sm2.PrivateKey.from_secret(secret(label))


@cache
def ed25519_key(label: str) -> ed25519.PrivateKey:
    return ed25519.PrivateKey(secret(label))


@cache
def bls_key(label: str) -> bls.PrivateKey:
    return bls.PrivateKey(secret(label))


@cache
def log_signer(origin: str = ORIGIN) -> Sm2NoteSigner:
    return Sm2NoteSigner(name=origin, signer=sm2_key("log"))


@cache
def interop_signer(origin: str = ORIGIN) -> Ed25519NoteSigner:
    return Ed25519NoteSigner(name=origin, private=ed25519_key("log"))


@cache
def sm2_witness(name: str) -> Cosigner:
    return sm2_cosigner(name=name, signer=sm2_key(name))


@cache
def ed25519_witness(name: str) -> Cosigner:
    return ed25519_cosigner(name=name, private=ed25519_key(name))


@cache
def bls_witness(name: str) -> Cosigner:
    return bls_cosigner(name=name, private=bls_key(name))


def signed_checkpoint(*, size: int, root: bytes, origin: str = ORIGIN) -> SignedNote:
    """A checkpoint under the log's SM2 key."""
    checkpoint = Checkpoint(origin=origin, size=size, root=root)
    return checkpoints.sign(checkpoint, signers=[log_signer(origin)])
