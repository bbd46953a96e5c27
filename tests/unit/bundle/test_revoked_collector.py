"""Outsiders and a revoked collector's key: by the trust root, and in the order of the log alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support import bundles
from support.bundle_spec import examples
from support.bundles import COLLECTOR, START, FixedKey, World

from trace_node.canonical_json import decode_object, encode
from trace_node.services.verify import verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog.bundle import format_bundle
from trace_node.tlog.bundle_errors import TrustRootError, TrustRootFormatError
from trace_node.tlog.trust_root import parse_trust_root, require_successor
from trace_node.tlog.trust_root_form import UntrustedKey
from trace_node.tlog.trust_root_json import trust_root_from_json, trust_root_to_json
from trace_node.tlog.verdict import Status, Verdict

NEXT = FixedKey("collector 2")
OLD = COLLECTOR.public.key_id


def root_bytes(*revoked: UntrustedKey) -> bytes:
    return bundles.trust_root(revoked_keys=revoked).raw


def proof_of(world: World, index: int, **changes: object) -> bytes:
    return format_bundle(replace(world.bundle(index), **changes))


def verdict(raw: bytes, root: bytes) -> Verdict:
    return verify_file(raw, against=Against(trust_root=root, now=bundles.NOW)).verdict


class TestBundles:
    def test_what_was_logged_from_the_revocation_on_is_refused(self) -> None:
        world = World()
        made = world.deliver([world.reading(START)], at=START)
        world.seal(at=START)
        raw = proof_of(world, made.indexes[0])
        assert verdict(raw, root_bytes()).signed is Status.PASSED
        later = UntrustedKey(key_id=OLD, from_index=made.indexes[0] + 1)
        assert verdict(raw, root_bytes(later)).signed is Status.PASSED
        before = UntrustedKey(key_id=OLD, from_index=made.indexes[0])
        found = verdict(raw, root_bytes(before))
        failure = found.first_failure
        assert failure is not None
        assert (failure.kind.name, failure.reason) == ("delivery.signature", "collector.revoked")
        stranger = UntrustedKey(key_id="0" * 32, from_index=0)
        assert verdict(raw, root_bytes(stranger)).signed is Status.PASSED

    @pytest.mark.parametrize("speaks", [True, False], ids=["replaces it", "does not"])
    def test_what_another_key_took_over_is_believed_if_its_registration_says_so(
        self, speaks: bool
    ) -> None:
        """The records are older than the registration of the key that delivers them."""
        world = World()
        records = [world.reading(START)]
        begin = START + timedelta(hours=2)
        made = world.deliver(records, at=begin, signer=NEXT)
        world.seal(at=begin)
        registration = world.enrol_key(
            key=NEXT.public,
            subject="collector-2",
            valid_from=begin,
            replaces=(OLD,) if speaks else ("0" * 32,),
        )
        raw = proof_of(world, made.indexes[0], collector=registration)
        revoked = UntrustedKey(key_id=OLD, from_index=made.indexes[0])
        found = verdict(raw, root_bytes(revoked))
        if speaks:
            assert found.signed is Status.PASSED
            return
        failures = {check.reason for check in found.checks if check.status is Status.FAILED}
        assert "collector.not_yet_valid" in failures

    def test_a_key_that_took_over_speaks_for_its_own_time_only_within_its_registration(
        self,
    ) -> None:
        world = World()
        world.new_context(collector=NEXT.public.key_id)
        made = world.deliver([world.reading(START)], at=START, signer=NEXT)
        world.seal(at=START)
        registration = world.enrol_key(
            key=NEXT.public, valid_from=START + timedelta(hours=2), replaces=(OLD,)
        )
        raw = proof_of(world, made.indexes[0], collector=registration)
        failure = verdict(raw, root_bytes()).first_failure
        assert failure is not None
        assert failure.reason == "collector.not_yet_valid"


class TestTheTrustRoot:
    def test_the_example_of_the_page_is_the_next_version_of_the_one_before(self) -> None:
        before = bundles.trust_root()
        after = bundles.trust_root(
            version=2,
            predecessor=before.digest,
            issued_at=START + timedelta(days=1),
            revoked_keys=(UntrustedKey(key_id=OLD, from_index=20),),
        )
        assert examples("trust-root")["trust-root-with-revoked-keys"] == after.raw.decode()
        require_successor(after, predecessor=before)

    @pytest.mark.parametrize(
        ("after", "follows"),
        [((20,), True), ((19,), True), ((21,), False), ((), False)],
        ids=["kept", "earlier", "later", "taken back"],
    )
    def test_a_revocation_is_not_taken_back_unseen(
        self, after: tuple[int, ...], follows: bool
    ) -> None:
        before = bundles.trust_root(revoked_keys=(UntrustedKey(key_id=OLD, from_index=20),))
        signed = bundles.trust_root(
            version=2,
            predecessor=before.digest,
            revoked_keys=tuple(UntrustedKey(key_id=OLD, from_index=index) for index in after),
        )
        if follows:
            require_successor(signed, predecessor=before)
            return
        with pytest.raises(TrustRootError) as caught:
            require_successor(signed, predecessor=before)
        assert (caught.value.reason, caught.value.field) == (
            "trust_root.predecessor",
            "revoked_keys",
        )

    def test_version_2_is_written_only_where_keys_are_revoked(self) -> None:
        plain = parse_trust_root(root_bytes())
        assert b'"type":"trust-root@v1"' in plain.raw
        revoked = (UntrustedKey(key_id=OLD, from_index=7),)
        signed = parse_trust_root(root_bytes(*revoked))
        assert b'"type":"trust-root@v2"' in signed.raw
        assert signed.root.revoked_keys == revoked

    @pytest.mark.parametrize(
        "wrong",
        [
            [],
            [{"from_index": 1, "key_id": "gateway-1"}],
            [{"from_index": -1, "key_id": "0" * 32}],
            [{"from_index": 1, "key_id": "0" * 32, "why": "x"}],
            [{"from_index": n, "key_id": "0" * 32} for n in range(2)],
        ],
        ids=["none", "a name", "below 0", "a member more", "one twice"],
    )
    def test_what_is_wrong_is_named(self, wrong: list) -> None:
        root = parse_trust_root(root_bytes()).root
        good = replace(root, revoked_keys=(UntrustedKey(key_id=OLD, from_index=7),))
        fields = decode_object(encode(trust_root_to_json(good))) | {"revoked_keys": wrong}
        with pytest.raises(TrustRootFormatError) as caught:
            trust_root_from_json(fields)
        assert "revoked_keys" in caught.value.message

    def test_version_1_has_no_revoked_keys(self) -> None:
        root = parse_trust_root(root_bytes()).root
        fields = trust_root_to_json(root) | {"revoked_keys": []}
        with pytest.raises(TrustRootFormatError):
            trust_root_from_json(fields)
