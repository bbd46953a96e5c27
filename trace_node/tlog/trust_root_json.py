"""The members of a trust root, read strictly and written in one way (docs/spec/trust-root.md)."""

import re

from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.crypto.sm2 import PublicKey
from trace_node.errors import InputError
from trace_node.ids import KeyId, Origin, to_base64url
from trace_node.tlog.anchor_evidence import ADDRESS_SIZE, engine_of
from trace_node.tlog.bundle_errors import TrustRootFormatError
from trace_node.tlog.hasher import HASH_SIZE
from trace_node.tlog.json_fields import Fields, hexadecimal, instant_text
from trace_node.tlog.trust_root_form import (
    LogKey,
    TrustedChain,
    TrustedKey,
    TrustRoot,
    UntrustedKey,
    policy_of,
)

TRUST_ROOT = "trust-root@v1"
TRUST_ROOT_2 = "trust-root@v2"
SINGLE_OPERATOR = "single operator"
MAX_KEYS = 64
MAX_REVOKED = 256
MAX_VALIDATORS = 256
MAX_TEXT = 8192

_MEMBERS = frozenset(
    {
        *("chain", "device_authorities", "expires_at", "issued_at", "log_id", "log_keys"),
        *("node_keys", "origin", "owner", "predecessor", "timestamp_roots", "type", "version"),
        "witness_policy",
    }
)
_MEMBERS_2 = _MEMBERS | {"revoked_keys"}
_REVOKED_MEMBERS = frozenset({"from_index", "key_id"})
_CHAIN_MEMBERS = frozenset(
    {"chain_id", "code_hash", "engine", "genesis_hash", "registry", "validators"}
)
_KEY_ID = re.compile(r"[0-9a-f]{32}")
_KEY_MEMBERS = frozenset({"key", "name"})
_LOG_KEY_MEMBERS = frozenset({"from_size", "to_size", "vkey"})


def trust_root_to_json(root: TrustRoot) -> JsonObject:
    """Write the members, unsigned and unchecked; as version 2 only where keys are revoked."""
    revoked: JsonValue = [
        {"from_index": each.from_index, "key_id": each.key_id} for each in root.revoked_keys
    ]
    more: JsonObject = {"revoked_keys": revoked} if root.revoked_keys else {}
    return more | {
        "chain": None if root.chain is None else _chain_to_json(root.chain),
        "device_authorities": [_key_to_json(key) for key in root.device_authorities],
        "expires_at": instant_text(root.expires_at),
        "issued_at": instant_text(root.issued_at),
        "log_id": None if root.log_id is None else hexadecimal(root.log_id),
        "log_keys": [
            {"from_size": key.from_size, "to_size": key.to_size, "vkey": key.vkey}
            for key in root.log_keys
        ],
        "node_keys": [_key_to_json(key) for key in root.node_keys],
        "origin": root.origin,
        "owner": _key_to_json(root.owner),
        "predecessor": None if root.predecessor is None else to_base64url(root.predecessor),
        "timestamp_roots": [],
        "type": TRUST_ROOT_2 if root.revoked_keys else TRUST_ROOT,
        "version": root.version,
        "witness_policy": root.witness_policy,
    }


def trust_root_from_json(value: JsonValue) -> TrustRoot:
    """Read the members, without a signature.

    Raises:
        TrustRootFormatError: A member is missing, not known, or not of its form.
    """
    known = (TRUST_ROOT, TRUST_ROOT_2)
    if isinstance(value, dict) and value.get("type") not in known:
        raise TrustRootFormatError(
            "{field}: must be {expected}, not {found}",
            field="type",
            expected=" or ".join(known),
            found=repr(value.get("type"))[:80],
            code="trust_root.version",
        )
    second = isinstance(value, dict) and value.get("type") == TRUST_ROOT_2
    members = _MEMBERS_2 if second else _MEMBERS
    fields = Fields(value, path="", members=members, error=TrustRootFormatError)
    fields.array("timestamp_roots", most=0)  # reserved: version 1 checks no time-stamp tokens
    root = TrustRoot(
        owner=_key_from(fields.inner("owner", members=_KEY_MEMBERS)),
        version=fields.integer("version", least=1),
        predecessor=None if fields.is_null("predecessor") else fields.digest("predecessor"),
        issued_at=fields.instant("issued_at"),
        expires_at=fields.instant("expires_at"),
        origin=Origin(fields.text("origin", most=200)),
        log_id=None if fields.is_null("log_id") else fields.hexadecimal("log_id", size=HASH_SIZE),
        log_keys=_log_keys_from(fields),
        device_authorities=_keys_from(fields, "device_authorities", least=1),
        node_keys=_keys_from(fields, "node_keys", least=0),
        witness_policy=fields.text("witness_policy", least=0, most=MAX_TEXT),
        chain=None if fields.is_null("chain") else _chain_from(fields),
        revoked_keys=_revoked_from(fields) if second else (),
    )
    _require_consistent(root)
    return root


def _require_keys(root: TrustRoot) -> None:
    try:
        policy = policy_of(root)
    except InputError as fault:
        raise TrustRootFormatError(
            "{field}: {detail}", field="log_keys, witness_policy", detail=fault.message
        ) from fault
    for log in policy.logs:
        if log.key.name != root.origin:
            raise TrustRootFormatError(
                "{field}: the key is named {found}, the log {expected}",
                field="log_keys",
                found=log.key.name,
                expected=root.origin,
            )


def _require_consistent(root: TrustRoot) -> None:
    _require_keys(root)
    faults = {
        "expires_at": root.expires_at <= root.issued_at,
        "predecessor": (root.predecessor is None) != (root.version == 1),
        "log_id": (root.log_id is None) != (root.chain is None),
    }
    for field, wrong in faults.items():
        if wrong:
            raise TrustRootFormatError(
                "{field}: contradicts the other members",
                field=field,
                remedy="expire after issue; name a predecessor from version 2 on;"
                " give log_id and chain together",
            )


def _log_keys_from(fields: Fields) -> tuple[LogKey, ...]:
    fields.array("log_keys", least=1, most=MAX_KEYS)
    return tuple(
        _log_key_from(key)
        for key in fields.objects("log_keys", members=_LOG_KEY_MEMBERS, most=MAX_KEYS)
    )


def _log_key_from(fields: Fields) -> LogKey:
    first = fields.integer("from_size")
    last = None if fields.is_null("to_size") else fields.integer("to_size", least=first)
    return LogKey(vkey=fields.text("vkey", most=512), from_size=first, to_size=last)


def _keys_from(fields: Fields, name: str, *, least: int) -> tuple[TrustedKey, ...]:
    fields.array(name, least=least, most=MAX_KEYS)
    return tuple(
        _key_from(key) for key in fields.objects(name, members=_KEY_MEMBERS, most=MAX_KEYS)
    )


def _revoked_from(fields: Fields) -> tuple[UntrustedKey, ...]:
    fields.array("revoked_keys", least=1, most=MAX_REVOKED)
    revoked = tuple(
        UntrustedKey(key_id=_key_id_from(each), from_index=each.integer("from_index"))
        for each in fields.objects("revoked_keys", members=_REVOKED_MEMBERS, most=MAX_REVOKED)
    )
    if len({each.key_id for each in revoked}) != len(revoked):
        raise TrustRootFormatError("{field}: names one twice", field="revoked_keys")
    return revoked


def _key_id_from(fields: Fields) -> KeyId:
    text = fields.text("key_id", most=32)
    if not _KEY_ID.fullmatch(text):
        raise TrustRootFormatError(
            "{field}: not the id of a key: 32 lower-case hex digits", field=fields.at("key_id")
        )
    return KeyId(text)


def _key_from(fields: Fields) -> TrustedKey:
    point = fields.raw("key", size=65)
    try:
        PublicKey.from_point(point)
    except InputError as fault:
        raise TrustRootFormatError(
            "{field}: {detail}", field=fields.at("key"), detail=fault.message
        ) from fault
    return TrustedKey(name=fields.text("name", most=128), point=point)


def _key_to_json(key: TrustedKey) -> JsonObject:
    return {"key": to_base64url(key.point), "name": key.name}


def _chain_from(fields: Fields) -> TrustedChain:
    chain = fields.inner("chain", members=_CHAIN_MEMBERS)
    return TrustedChain(
        engine=engine_of(chain),
        chain_id=chain.integer("chain_id", least=1),
        genesis_hash=chain.hexadecimal("genesis_hash", size=HASH_SIZE),
        registry=chain.hexadecimal("registry", size=ADDRESS_SIZE),
        code_hash=chain.hexadecimal("code_hash", size=HASH_SIZE),
        validators=_validators_from(chain),
    )


def _validators_from(chain: Fields) -> tuple[bytes, ...]:
    if chain.value("validators") == SINGLE_OPERATOR:
        return ()
    validators = chain.hexadecimals("validators", size=ADDRESS_SIZE, least=1, most=MAX_VALIDATORS)
    if len(set(validators)) != len(validators):
        raise TrustRootFormatError("{field}: names one twice", field=chain.at("validators"))
    return validators


def _chain_to_json(chain: TrustedChain) -> JsonObject:
    validators: JsonValue = [hexadecimal(address) for address in chain.validators]
    return {
        "chain_id": chain.chain_id,
        "code_hash": hexadecimal(chain.code_hash),
        "engine": chain.engine,
        "genesis_hash": hexadecimal(chain.genesis_hash),
        "registry": hexadecimal(chain.registry),
        "validators": validators or SINGLE_OPERATOR,
    }
