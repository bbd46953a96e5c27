"""Policies: their text, their rules, and what a quorum is."""

import pytest
from support.tlog_keys import (
    ORIGIN,
    bls_key,
    bls_witness,
    ed25519_witness,
    interop_signer,
    log_signer,
    signed_checkpoint,
    sm2_key,
    sm2_witness,
)

from trace_node.tlog import note_keys
from trace_node.tlog.aggregate import AggregateKey
from trace_node.tlog.cosignature import bls_cosigner, sm2_cosigner
from trace_node.tlog.errors import (
    FormatError,
    NoteFormatError,
    NoteSignatureError,
    OversizeError,
    PolicyFormatError,
    QuorumError,
)
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note import NoteSignature, SignedNote
from trace_node.tlog.policy import Policy, PolicyLog, PolicyWitness, WitnessGroup
from trace_node.tlog.policy_text import format_policy, parse

TIME = 1_790_000_000
NOTE = signed_checkpoint(size=3, root=SM3.leaf(b"root"))
LOG = log_signer().vkey
S1, S2, S3 = (sm2_witness(f"s{n}.example") for n in (1, 2, 3))
B1, B2, B3 = (bls_witness(f"b{n}.example") for n in (1, 2, 3))
E1 = ed25519_witness("e1.example")
TEXT = f"""# who may vouch for plant A
log {LOG} https://node.example/log/plant-a

witness regulator {S1.key.vkey} https://regulator.example
witness\tverifier   {S2.key.vkey}
  witness peer {E1.key.vkey}
witness b1 {B1.key.vkey}
witness b2 {B2.key.vkey}
witness b3 {B3.key.vkey}
group offices 2 regulator verifier peer
group fast any b1 b2 b3
# both kinds
group both all offices fast
quorum both
"""
POLICY = parse(TEXT.encode())


def test_the_text_is_understood() -> None:
    assert [log.key.name for log in POLICY.logs] == [ORIGIN]
    assert POLICY.logs[0].url == "https://node.example/log/plant-a"
    assert [w.label for w in POLICY.witnesses] == [
        "regulator",
        "verifier",
        "peer",
        "b1",
        "b2",
        "b3",
    ]
    assert [(g.label, g.threshold, len(g.members)) for g in POLICY.groups] == [
        ("offices", 2, 3),
        ("fast", 1, 3),
        ("both", 2, 2),
    ]
    assert POLICY.quorum == "both"
    assert not POLICY.single_operator


def test_the_written_text_is_read_back() -> None:
    written = format_policy(POLICY)
    assert parse(written) == POLICY
    assert format_policy(parse(written)) == written
    assert b"group offices 2 regulator verifier peer\n" in written


def test_without_a_quorum_a_single_operator_is_believed() -> None:
    policy = parse(f"log {LOG}\nquorum none\n".encode())
    assert policy.single_operator
    checkpoint, quorum = policy.verify(NOTE.format())
    assert (checkpoint.size, quorum.met, quorum.required, quorum.cosigned) == (3, True, False, ())


def test_the_quorum_needs_its_groups() -> None:
    def met(*lines: NoteSignature) -> bool:
        return POLICY.evaluate(NOTE.with_signatures(lines)).met

    s1, s2, e1, b1 = (w.cosign(NOTE.text, time=TIME) for w in (S1, S2, E1, B1))
    assert not met()
    assert not met(s1, s2, e1)
    assert not met(s1, b1)
    assert met(s1, s2, b1)
    assert met(e1, s1, b1)
    # A witness counts once, however often it signs.
    again = S1.cosign(NOTE.text, time=TIME + 1)
    assert not met(s1, again, b1)


def test_an_aggregate_counts_for_each_of_its_witnesses() -> None:
    policy = parse(
        f"log {LOG}\nwitness b1 {B1.key.vkey}\nwitness s1 {S1.key.vkey}\n"
        f"witness b2 {B2.key.vkey}\nwitness b3 {B3.key.vkey}\n"
        "group fast 2 b1 b2 b3\nquorum fast\n".encode()
    )
    key = policy.aggregate_key()
    shares = [w.cosign(NOTE.text, time=TIME) for w in (B3, B1)]
    folded = key.fold(NOTE.text, shares)
    checkpoint, quorum = policy.verify(NOTE.with_signatures([folded]).format())
    assert checkpoint.size == 3
    assert quorum.cosigned == (("b1", TIME), ("b3", TIME))
    one = key.fold(NOTE.text, shares[:1])
    with pytest.raises(QuorumError) as caught:
        policy.verify(NOTE.with_signatures([one]).format())
    assert caught.value.params["cosigned"] == "b3"
    spoilt = NoteSignature(name=one.name, key_id=one.key_id, signature=b"\x07" + one.signature[1:])
    with pytest.raises(NoteSignatureError):
        policy.evaluate(NOTE.with_signatures([spoilt]))


def test_a_repeated_line_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = parse(
        f"log {LOG}\nwitness b1 {B1.key.vkey}\nwitness b2 {B2.key.vkey}\n"
        "group fast 1 b1 b2\nquorum fast\n".encode()
    )
    key = policy.aggregate_key()
    line = key.fold(NOTE.text, [B1.cosign(NOTE.text, time=TIME)])
    note = SignedNote(text=NOTE.text, signatures=(*NOTE.signatures, *[line] * 60))
    calls = []
    verified = AggregateKey.verified
    monkeypatch.setattr(
        AggregateKey, "verified", lambda *args: (calls.append(1), verified(*args))[1]
    )
    assert policy.evaluate(note).cosigned == (("b1", TIME),)
    assert len(calls) == 1


def test_the_newest_time_of_a_witness_is_reported() -> None:
    policy = parse(f"log {LOG}\nwitness s1 {S1.key.vkey}\nquorum s1\n".encode())
    lines = [S1.cosign(NOTE.text, time=TIME + shift) for shift in (0, 7, 3)]
    assert policy.evaluate(NOTE.with_signatures(lines)).cosigned == (("s1", TIME + 7),)


def test_a_bad_cosignature_of_a_known_witness_refuses_the_note() -> None:
    good = S1.cosign(NOTE.text, time=TIME)
    spoilt = NoteSignature(
        name=good.name, key_id=good.key_id, signature=bytes(8) + good.signature[8:]
    )
    with pytest.raises(NoteSignatureError):
        POLICY.evaluate(NOTE.with_signatures([spoilt]))
    stranger = S3.cosign(NOTE.text, time=TIME)
    assert POLICY.evaluate(NOTE.with_signatures([stranger])).cosigned == ()


def test_the_log_must_sign() -> None:
    other = parse(f"log {interop_signer().vkey}\nquorum none\n".encode())
    with pytest.raises(NoteSignatureError) as caught:
        other.verify(NOTE.format())
    assert caught.value.reason == "tlog.note.unknown_keys"
    both = parse(f"log {interop_signer().vkey}\nlog {LOG}\nquorum none\n".encode())
    both.verify(NOTE.format())  # a rotated key


def test_a_trusted_log_does_not_sign_for_another() -> None:
    """Both logs are trusted, each for its own origin."""
    other = interop_signer("other.example/plant/sm3")
    policy = parse(f"log {LOG}\nlog {other.vkey}\nquorum none\n".encode())
    forged = SignedNote(text=NOTE.text, signatures=(other.sign(NOTE.text),))
    with pytest.raises(NoteSignatureError) as caught:
        policy.verify(forged.format())
    assert caught.value.reason == "tlog.note.unknown_keys"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "quorum"),
        (f"log {LOG}\n", "quorum"),
        ("quorum none\nquorum none\n", "quorum"),
        ("quorum nobody\n", "undefined"),
        (f"quorum s\nwitness s {S1.key.vkey}\n", "undefined"),
        (f"group g 1 s\nwitness s {S1.key.vkey}\nquorum g\n", "undefined"),
        ("group g 1 g\nquorum g\n", "undefined"),
        ("group g any none\nquorum g\n", "undefined"),
        (f"witness none {S1.key.vkey}\nquorum none\n", "repeated"),
        (f"witness s {S1.key.vkey}\nwitness s {S2.key.vkey}\nquorum s\n", "repeated"),
        (f"witness s {S1.key.vkey}\ngroup s 1 s\nquorum s\n", "repeated"),
        (f"witness s {S1.key.vkey}\ngroup g 1 s s\nquorum g\n", "repeated"),
        (f"witness s {S1.key.vkey}\ngroup g 1 s\ngroup h 1 s\nquorum h\n", "repeated"),
        (f"witness s {S1.key.vkey}\ngroup g 0 s\nquorum g\n", "threshold"),
        (f"witness s {S1.key.vkey}\ngroup g 2 s\nquorum g\n", "threshold"),
        ("group g all\nquorum g\n", "threshold"),
        ("group g any\nquorum g\n", "threshold"),
        (f"log {LOG}\nlog {LOG}\nquorum none\n", "repeated_key"),
        (f"witness s {S1.key.vkey}\nwitness t {S1.key.vkey}\nquorum s\n", "repeated_key"),
        ("log\nquorum none\n", "line"),
        (f"log {LOG} url more\nquorum none\n", "line"),
        ("witness s\nquorum none\n", "line"),
        ("group g\nquorum none\n", "line"),
        ("quorum\n", "line"),
        ("quorum none none\n", "line"),
        ("Quorum none\n", "line"),
    ],
)
def test_a_broken_rule_is_named(text: str, rule: str) -> None:
    with pytest.raises(PolicyFormatError) as caught:
        parse(text.encode())
    assert caught.value.reason == f"tlog.policy.format.{rule}"


@pytest.mark.parametrize(
    "raw",
    [
        b"quorum none",
        b"quorum none\r\n",
        b"quorum \x0bnone\n",
        b"\xffquorum none\n",
        f"witness s {S1.key.vkey}\ngroup g 01 s\nquorum g\n".encode(),
        f"witness s {S1.key.vkey}\ngroup g +1 s\nquorum g\n".encode(),
        f"log {S1.key.vkey}\nquorum none\n".encode(),
        f"witness s {LOG}\nquorum s\n".encode(),
        b"log not-a-vkey\nquorum none\n",
    ],
)
def test_broken_texts_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse(raw)


def test_an_oversized_policy_is_not_parsed() -> None:
    with pytest.raises(OversizeError):
        parse(b"#" * 262_145)


def test_a_log_cannot_be_its_own_witness() -> None:
    own = sm2_cosigner(name="own.example", signer=sm2_key("log"))
    with pytest.raises(PolicyFormatError) as caught:
        parse(f"log {LOG}\nwitness own {own.key.vkey}\nquorum own\n".encode())
    assert caught.value.reason == "tlog.policy.format.repeated_key"


def test_one_bls_key_under_two_names_counts_once() -> None:
    renamed = bls_cosigner(name="renamed.example", private=bls_key("b1.example"))
    with pytest.raises(PolicyFormatError) as caught:
        parse(
            f"witness a {B1.key.vkey}\nwitness b {renamed.key.vkey}\n"
            "group g 2 a b\nquorum g\n".encode()
        )
    assert caught.value.reason == "tlog.policy.format.repeated_key"


def test_one_witness_with_two_kinds_of_keys_is_no_quorum_of_two() -> None:
    fast = bls_witness("s1.example")  # the same name as S1, another key
    witnesses = (
        f"witness s1 {S1.key.vkey}\nwitness fast {fast.key.vkey}\nwitness s2 {S2.key.vkey}\n"
    )
    for group in ("group g 2 s1 fast s2", "group g all s1 fast"):
        with pytest.raises(PolicyFormatError) as caught:
            parse(f"{witnesses}{group}\nquorum g\n".encode())
        assert caught.value.reason == "tlog.policy.format.same_witness"
        assert caught.value.params["what"] == "g"
    parted = "group a any s1\ngroup b any fast s2\ngroup g 2 a b\nquorum g\n"
    with pytest.raises(PolicyFormatError) as caught:
        parse(f"{witnesses}{parted}".encode())
    assert caught.value.reason == "tlog.policy.format.same_witness"
    policy = parse(f"{witnesses}group w any s1 fast\ngroup g 2 w s2\nquorum g\n".encode())
    lines = [witness.cosign(NOTE.text, time=TIME) for witness in (S1, fast, S2)]
    assert not policy.evaluate(NOTE.with_signatures(lines[:2])).met
    assert policy.evaluate(NOTE.with_signatures(lines[1:])).met


def test_two_keys_whose_short_ids_collide_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note_keys, "key_id", lambda *_: b"same")
    first, second = (sm2_cosigner(name="s.example", signer=sm2_key(each)) for each in ("x", "y"))
    with pytest.raises(PolicyFormatError) as caught:
        Policy(
            witnesses=(
                PolicyWitness(label="x", key=first.key),
                PolicyWitness(label="y", key=second.key),
            )
        )
    assert caught.value.reason == "tlog.policy.format.repeated_key"


def test_a_policy_that_could_not_be_written_is_refused() -> None:
    log, witness = PolicyLog(key=log_signer().key), S1.key
    for call in (
        lambda: Policy(witnesses=(PolicyWitness(label="a b", key=witness),)),
        lambda: Policy(witnesses=(PolicyWitness(label="", key=witness),)),
        lambda: Policy(logs=(PolicyLog(key=log_signer().key, url="a b"),)),
        lambda: Policy(logs=(log,) * 257),
        lambda: Policy(groups=(WitnessGroup(label="g", threshold=1, members=("x",)),)),
        lambda: Policy(quorum="x"),
    ):
        with pytest.raises(PolicyFormatError):
            call()
    with pytest.raises(NoteFormatError):
        Policy(logs=(PolicyLog(key=witness),))


def test_thirty_two_of_each_are_understood() -> None:
    witnesses = [sm2_witness(f"many{n}.example") for n in range(32)]
    lines = [f"witness w{n} {w.key.vkey}" for n, w in enumerate(witnesses)]
    lines += [f"group g{n} 1 w{n}" for n in range(31)]
    lines += ["group all all " + " ".join(f"g{n}" for n in range(31)), "quorum all"]
    policy = parse(("\n".join(lines) + "\n").encode())
    note = NOTE.with_signatures(w.cosign(NOTE.text, time=TIME) for w in witnesses[:31])
    assert policy.evaluate(note).met
