"""The trust root: its one form, its owner, its time, its line of versions."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support import bundles
from support.bundles import AUTHORITY, OWNER, STRANGER, trust_root, trust_root_fields

from trace_node.canonical_json import encode
from trace_node.crypto import signed_record
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError, TooLargeError
from trace_node.tlog.bundle_errors import TrustRootError, TrustRootFormatError
from trace_node.tlog.trust_root import (
    parse_trust_root,
    require_fingerprint,
    require_in_force,
    require_owner,
    require_successor,
    sign_trust_root,
)
from trace_node.tlog.trust_root_form import LogKey, policy_of


def _signed_with(change: Callable[[dict[str, Any]], object]) -> bytes:
    members = json.loads(trust_root().raw)
    members.pop("signature")
    change(members)
    return signed_record.sign(members, OWNER)


class TestForm:
    def test_reading_and_writing_are_inverse(self) -> None:
        for root in (trust_root(), trust_root(chain=None, log_id=None),
                     trust_root(version=2, predecessor=bytes(32))):  # fmt: skip
            read = parse_trust_root(root.raw)
            assert read == root
            assert sign_trust_root(read.root, owner=OWNER).raw == root.raw

    def test_every_member_is_there_after_reading(self) -> None:
        root = parse_trust_root(trust_root().raw).root
        assert root == trust_root_fields()

    @pytest.mark.parametrize("name", sorted(json.loads(trust_root().raw).keys() - {"signature"}))
    def test_a_missing_member_is_refused(self, name: str) -> None:
        with pytest.raises(TrustRootFormatError) as caught:
            parse_trust_root(_signed_with(lambda members: members.pop(name)))
        assert name in caught.value.message

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("version", 0),
            ("version", True),
            ("origin", ""),
            ("expires_at", "2026-11-11T00:00:00.000Z"),
            ("expires_at", "2026-13-11T00:00:00.000Z"),
            ("issued_at", "2026-11-11T00:00:00Z"),
            ("predecessor", "AA"),
            ("log_id", None),
            ("chain", None),
            ("log_keys", []),
            ("log_keys", [{"from_size": 0, "to_size": None, "vkey": "x+00000000+AA=="}]),
            ("device_authorities", []),
            ("node_keys", [{"name": "n", "key": "BA" + 85 * "A"}]),
            ("owner", {"name": "x"}),
            ("timestamp_roots", ["AA"]),
            ("witness_policy", "quorum nobody\n"),
            ("witness_policy", "log x+00000000+AA==\nquorum none\n"),
            ("type", "trust-root@v2"),
        ],
    )
    def test_a_value_out_of_form_is_refused(self, name: str, value: object) -> None:
        with pytest.raises(TrustRootFormatError):
            parse_trust_root(_signed_with(lambda members: members.update({name: value})))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("engine", "geth"),
            ("chain_id", 0),
            ("genesis_hash", "0x00"),
            ("registry", "0x" + 40 * "A"),
            ("validators", []),
            ("validators", "several operators"),
            ("validators", ["0x" + 40 * "1", "0x" + 40 * "1"]),
        ],
    )
    def test_a_chain_out_of_form_is_refused(self, name: str, value: object) -> None:
        with pytest.raises(TrustRootFormatError) as caught:
            parse_trust_root(_signed_with(lambda members: members["chain"].update({name: value})))
        assert f"chain.{name}" in caught.value.message

    def test_an_extra_member_is_refused(self) -> None:
        with pytest.raises(TrustRootFormatError):
            parse_trust_root(_signed_with(lambda members: members.update(note="x")))

    def test_a_log_key_for_no_size_is_refused(self) -> None:
        vkey = trust_root().root.log_keys[0].vkey
        with pytest.raises(TrustRootFormatError) as caught:
            trust_root(log_keys=(LogKey(vkey=vkey, from_size=10, to_size=9),))
        assert "log_keys[0].to_size" in caught.value.message

    @pytest.mark.parametrize("count", [0, 1, 2])
    def test_any_number_of_block_makers_is_kept(self, count: int) -> None:
        validators = tuple(bytes([place + 1]) * 20 for place in range(count))
        chain = bundles.replace(bundles.CHAIN, validators=validators)
        read = parse_trust_root(trust_root(chain=chain).raw).root.chain
        assert read == chain
        assert read.is_single_operator == (count < 2)

    def test_a_log_key_of_another_name_is_refused(self) -> None:
        other = bundles.Sm2NoteSigner(name="another.example/log/sm3", signer=bundles.LOG_KEY)
        keys = (LogKey(vkey=other.vkey, from_size=0, to_size=None),)
        with pytest.raises(TrustRootFormatError):
            trust_root(log_keys=keys)

    def test_unsigned_and_oversized_files_are_refused(self) -> None:
        members = json.loads(trust_root().raw)
        members.pop("signature")
        with pytest.raises(TrustRootFormatError) as caught:
            parse_trust_root(encode(members))
        assert caught.value.reason == "trust_root.unsigned"
        with pytest.raises(TooLargeError):
            parse_trust_root(b" " * 65_537)

    def test_no_byte_can_be_changed(self) -> None:
        good = trust_root().raw
        for place in range(len(good)):
            changed = bytearray(good)
            changed[place] ^= 1
            with pytest.raises((InputError, TrustRootError)):
                require_owner(parse_trust_root(bytes(changed)))


class TestOwner:
    def test_signs_it(self) -> None:
        require_owner(trust_root())

    def test_nobody_else_can(self) -> None:
        with pytest.raises(TrustRootFormatError) as caught:
            trust_root(signer=STRANGER)
        assert caught.value.reason == "trust_root.owner"
        members = json.loads(trust_root().raw)
        members.pop("signature")
        forged = parse_trust_root(signed_record.sign(members, AUTHORITY))
        with pytest.raises(TrustRootError) as refused:
            require_owner(forged)
        assert refused.value.reason == "trust_root.signature"

    def test_the_fingerprint_covers_the_signature_too(self) -> None:
        root = trust_root()
        assert root.fingerprint == "sm3:" + sm3(b"\x00" + root.raw).hex()
        require_fingerprint(root, expected=root.fingerprint)
        with pytest.raises(TrustRootError) as caught:
            require_fingerprint(root, expected=root.fingerprint[:-1])
        assert caught.value.reason == "trust_root.fingerprint"


class TestTime:
    def test_is_from_issue_to_before_expiry(self) -> None:
        root = trust_root().root
        require_in_force(root, now=root.issued_at)
        require_in_force(root, now=root.expires_at - timedelta(milliseconds=1))
        for now, reason in (
            (root.issued_at - timedelta(milliseconds=1), "trust_root.not_yet_valid"),
            (root.expires_at, "trust_root.expired"),
        ):
            with pytest.raises(TrustRootError) as caught:
                require_in_force(root, now=now)
            assert caught.value.reason == reason


class TestLine:
    def test_a_successor_follows(self) -> None:
        first = trust_root()
        require_successor(trust_root(version=2, predecessor=first.digest), predecessor=first)

    @pytest.mark.parametrize(
        ("field", "changes"),
        [("predecessor", {"predecessor": bytes(32)}), ("version", {"version": 3})],
    )
    def test_another_does_not(self, field: str, changes: dict[str, object]) -> None:
        first = trust_root()
        second = trust_root(**{"version": 2, "predecessor": first.digest, **changes})
        with pytest.raises(TrustRootError) as caught:
            require_successor(second, predecessor=first)
        assert caught.value.reason == "trust_root.predecessor"
        assert caught.value.params["field"] == field

    def test_an_owner_cannot_be_slipped_in(self) -> None:
        first = trust_root()
        stranger = bundles.TrustedKey(name="x", point=STRANGER.public.point)
        second = trust_root(version=2, predecessor=first.digest, owner=stranger, signer=STRANGER)
        require_owner(second)
        with pytest.raises(TrustRootError) as caught:
            require_successor(second, predecessor=first)
        assert caught.value.params["field"] == "owner"


def test_log_keys_sign_for_their_sizes_only() -> None:
    key = LogKey(vkey="", from_size=10, to_size=20)
    assert [key.signs(size) for size in (9, 10, 20, 21)] == [False, True, True, False]
    assert LogKey(vkey="", from_size=10, to_size=None).signs(2**60)


def test_the_policy_holds_log_keys_and_witnesses() -> None:
    policy = policy_of(trust_root(witness_policy=bundles.witness_policy()).root)
    assert [log.key.name for log in policy.logs] == [bundles.ORIGIN]
    assert [item.label for item in policy.witnesses] == ["w1"]
    assert policy_of(trust_root().root).single_operator
