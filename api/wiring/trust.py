"""The trust root of a node that serves itself: made from its own keys and its chain.

An owner elsewhere makes a better one from the public halves; this is what a first start uses,
and its fingerprint is what people compare.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from api.home import Home
from api.settings import Settings
from api.wiring.chain_side import ChainSide
from api.wiring.trust_file import stored_trust_root
from trace_node.clock import Clock
from trace_node.crypto import keys
from trace_node.crypto.sm2 import PrivateKey
from trace_node.errors import ConfigError
from trace_node.ids import Origin
from trace_node.tlog.note_keys import Sm2NoteSigner
from trace_node.tlog.trust_root import SignedTrustRoot, sign_trust_root
from trace_node.tlog.trust_root_form import LogKey, TrustedChain, TrustedKey, TrustRoot

YEARS = 5


def ensure_trust_root(
    settings: Settings, home: Home, side: ChainSide, *, clock: Clock
) -> SignedTrustRoot:
    """The trust root in the home folder, made and signed when there is none.

    Raises:
        ConfigError: It names another log, chain or key than this node has: nobody who holds it
            could check what the node says; code ``config.trust_root``.
    """
    stored = stored_trust_root(home)
    if stored is not None:
        _require_agreement(stored.root, settings, home, side)
        return stored
    authority = keys.load(home.authority_key, settings.secret())
    root = _first_root(settings, home, side, authority=authority, now=clock.now())
    signed = sign_trust_root(root, owner=authority)
    temporary = home.trust_root.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(signed.raw)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(home.trust_root)
    return signed


def _require_agreement(root: TrustRoot, settings: Settings, home: Home, side: ChainSide) -> None:
    for field in _differences(root, settings, home, side):
        raise ConfigError(
            "{path}: names another {field} than this node has, so nobody could check what it says",
            field=field,
            path=str(home.trust_root),
            remedy="put back what was replaced, or have the owner renew it: trace-node trust-root"
            " renew",
            code="config.trust_root",
        )


def _differences(root: TrustRoot, settings: Settings, home: Home, side: ChainSide) -> Iterator[str]:
    if root.origin != settings.log_origin:
        yield "origin"
    if root.chain is not None and root.log_id != side.log_id:
        yield "log id"
    if root.chain is not None and replace(root.chain, validators=()) != _chain_of(side):
        yield "chain"
    log_key = keys.load(home.log_key, settings.secret())
    vkey = Sm2NoteSigner(name=settings.log_origin, signer=log_key).vkey
    if all(key.vkey != vkey for key in root.log_keys):
        yield "log key"
    node_key = keys.load(home.node_key, settings.secret()).public
    if all(key.point != node_key.point for key in root.node_keys):
        yield "node key"


def _chain_of(side: ChainSide) -> TrustedChain:
    return TrustedChain(
        engine=side.engine,
        chain_id=side.deployment.chain_id,
        genesis_hash=side.deployment.genesis_hash,
        registry=side.deployment.contract,
        code_hash=side.deployment.runtime_code_hash,
        validators=(),
    )


def _first_root(
    settings: Settings, home: Home, side: ChainSide, *, authority: PrivateKey, now: datetime
) -> TrustRoot:
    log_key = keys.load(home.log_key, settings.secret())
    vkey = Sm2NoteSigner(name=settings.log_origin, signer=log_key).vkey
    issued_at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return TrustRoot(
        owner=_trusted(settings.organisation, authority),
        version=1,
        predecessor=None,
        issued_at=issued_at,
        expires_at=issued_at + timedelta(days=366 * YEARS),
        origin=Origin(settings.log_origin),
        log_id=side.log_id,
        log_keys=(LogKey(vkey=vkey, from_size=0, to_size=None),),
        device_authorities=(_trusted("authority", authority),),
        node_keys=(_trusted("node", keys.load(home.node_key, settings.secret())),),
        witness_policy=witness_policy(home),
        chain=_chain_of(side),
    )


def witness_policy(home: Home) -> str:
    """The witnesses the node asks, as C2SP tlog-policy text; empty when it asks none."""
    path = home.witness_policy
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _trusted(name: str, key: PrivateKey) -> TrustedKey:
    return TrustedKey(name=name, point=key.public.point)
