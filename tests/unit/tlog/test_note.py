"""Signed notes: the public example, its corruptions, and the strictness of the reader."""

import json
from pathlib import Path

import pytest
from support.tlog_keys import interop_signer, log_signer

from trace_node.tlog import note as notes
from trace_node.tlog.errors import NoteFormatError, NoteSignatureError, OversizeError
from trace_node.tlog.note import NoteSignature, SignedNote, parse, parse_signature_line
from trace_node.tlog.note_keys import log_verifier

TEXT = "If you think cryptography is the answer to your problem,\nread the question again.\n"


@pytest.fixture(scope="module")
def example(vectors_dir: Path) -> tuple[str, bytes]:
    vector = json.loads((vectors_dir / "signed-note.json").read_text())
    assert vector["valid"] is True
    return vector["vkey"], vector["note"].encode()


def _signed(text: str = TEXT) -> SignedNote:
    return notes.sign(text, signers=[log_signer(), interop_signer()])


def _verify(raw: bytes, *vkeys: str) -> None:
    notes.verify(parse(raw), [log_verifier(vkey) for vkey in vkeys])


@pytest.mark.vectors
def test_the_public_example_verifies(example: tuple[str, bytes]) -> None:
    vkey, raw = example
    _verify(raw, vkey)
    assert parse(raw).format() == raw


@pytest.mark.vectors
def test_changed_text_of_the_public_example_is_refused(example: tuple[str, bytes]) -> None:
    vkey, raw = example
    with pytest.raises(NoteSignatureError) as caught:
        _verify(raw.replace(b"an example", b"no example"), vkey)
    assert caught.value.reason == "tlog.note.signature"


@pytest.mark.vectors
def test_an_unknown_key_with_the_name_of_the_public_example_says_nothing(
    example: tuple[str, bytes],
) -> None:
    vkey, raw = example
    stranger = interop_signer("example.com/foo")
    forged = notes.sign(parse(raw).text, signers=[stranger])
    with pytest.raises(NoteSignatureError) as caught:
        _verify(forged.format(), vkey)
    assert caught.value.reason == "tlog.note.unknown_keys"
    both = parse(raw).with_signatures(forged.signatures)
    _verify(both.format(), vkey)


@pytest.mark.vectors
def test_broken_forms_of_the_public_example_are_refused(example: tuple[str, bytes]) -> None:
    _, raw = example
    for broken in (
        raw.replace(b"\n\n", b"\n"),  # no blank line
        raw.replace(b"example message", b"example\x07message"),  # control character
        raw[:-1],  # no newline at the end
        raw.replace("—".encode(), b"-"),
    ):
        with pytest.raises(NoteFormatError):
            parse(broken)


@pytest.mark.vectors
def test_every_flipped_bit_of_the_public_example_is_refused(example: tuple[str, bytes]) -> None:
    vkey, raw = example
    verifiers = [log_verifier(vkey)]
    for place in range(len(raw)):
        for bit in range(8):
            spoilt = bytearray(raw)
            spoilt[place] ^= 1 << bit
            with pytest.raises((NoteFormatError, NoteSignatureError)):
                notes.verify(parse(bytes(spoilt)), verifiers)


def test_sm2_and_ed25519_sign_and_are_verified() -> None:
    raw = _signed().format()
    _verify(raw, log_signer().vkey)
    _verify(raw, interop_signer().vkey)
    found = notes.verify(
        parse(raw), [log_verifier(interop_signer().vkey), log_verifier(log_signer().vkey)]
    )
    assert [verifier.key_id for verifier, _ in found] == [
        log_signer().key.key_id,
        interop_signer().key.key_id,
    ]


@pytest.mark.parametrize("position", [0, 1])
def test_one_bad_signature_of_a_known_key_refuses_the_note(position: int) -> None:
    note = _signed()
    lines = list(note.signatures)
    good = lines[position]
    spoilt = bytes([good.signature[0] ^ 1]) + good.signature[1:]
    lines[position] = NoteSignature(name=good.name, key_id=good.key_id, signature=spoilt)
    with pytest.raises(NoteSignatureError) as caught:
        _verify(
            SignedNote(text=note.text, signatures=tuple(lines)).format(),
            log_signer().vkey,
            interop_signer().vkey,
        )
    assert caught.value.reason == "tlog.note.signature"


@pytest.mark.parametrize("length", [0, 1, 63, 65, 96])
def test_a_known_keys_signature_of_another_length_is_refused(length: int) -> None:
    for signer in (log_signer(), interop_signer()):
        line = NoteSignature(
            name=signer.name, key_id=signer.key.key_id, signature=b"\x01" * max(length, 1)
        )
        with pytest.raises(NoteSignatureError):
            _verify(SignedNote(text=TEXT, signatures=(line,)).format(), signer.vkey)


def test_unknown_keys_are_passed_over() -> None:
    note = _signed()
    same_name = NoteSignature(name=log_signer().name, key_id=b"none", signature=b"x")
    same_id = NoteSignature(name="other", key_id=log_signer().key.key_id, signature=b"x")
    _verify(note.with_signatures([same_name, same_id]).format(), log_signer().vkey)
    for line in (same_name, same_id):
        with pytest.raises(NoteSignatureError) as caught:
            _verify(SignedNote(text=TEXT, signatures=(line,)).format(), log_signer().vkey)
        assert caught.value.reason == "tlog.note.unknown_keys"


def test_sixteen_signatures_are_read_and_many_more_are_not() -> None:
    line = _signed().signatures[0].format()
    assert len(parse(f"{TEXT}\n{line * 16}".encode()).signatures) == 16
    assert len(parse(f"{TEXT}\n{line * 64}".encode()).signatures) == 64
    with pytest.raises(NoteFormatError, match="more than 64"):
        parse(f"{TEXT}\n{line * 65}".encode())


def test_sixteen_signatures_of_five_kilobytes_are_read() -> None:
    lines = "".join(
        NoteSignature(name=f"w{n}", key_id=b"1234", signature=bytes(5000)).format()
        for n in range(16)
    )
    assert len(parse(f"{TEXT}\n{lines}".encode()).signatures) == 16


def test_a_note_over_the_bound_is_not_parsed() -> None:
    with pytest.raises(OversizeError) as caught:
        parse(b"\xff" * 131_073)
    assert caught.value.params["bound"] == 131_072


def test_the_text_may_hold_blank_lines() -> None:
    note = _signed("one\n\ntwo\n\n")
    assert parse(note.format()) == note
    _verify(note.format(), log_signer().vkey)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "— name",
        "— name ",
        "—  name AAAAAAA=",
        "— name AAAAAAA= ",
        " — name AAAAAAA=",
        "- name AAAAAAA=",
        "—name AAAAAAA=",
        "— na+me AAAAAAA=",
        "— na\u00a0me AAAAAAA=",
        "— na\u2003me AAAAAAA=",
        "— name AAAAAAA",  # no padding
        "— name AAAAAAB=",  # unused bits set
        "— name AAAA_AA=",
        "— name AAAAAAA=AAAA",
        "— name AAAAAA==",  # key id without signature
        "— name AA==",
        "— " + "n" * 256 + " AAAAAAA=",
    ],
)
def test_a_line_that_is_no_signature_line_is_refused(line: str) -> None:
    with pytest.raises(NoteFormatError):
        parse_signature_line(line)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"text\n",
        b"text\n\n",
        "text\n— name AAAAAAA=\n".encode(),
        "text\n\n— name AAAAAAA=\n\n".encode(),
        "text\n\n— name AAAAAAA=".encode(),
        "text\r\n\r\n— name AAAAAAA=\r\n".encode(),
        "wo\trd\n\n— name AAAAAAA=\n".encode(),
        b"wo\xffrd\n\n" + "— name AAAAAAA=\n".encode(),
        "\ufefftext\n".encode() + b"\n\xe2\x80\x94 name AAAAAAA=",
    ],
)
def test_what_is_no_note_is_refused(raw: bytes) -> None:
    with pytest.raises(NoteFormatError) as caught:
        parse(raw)
    assert caught.value.field


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "\ud800\n"])
def test_what_cannot_be_a_text_is_not_signed(text: str) -> None:
    with pytest.raises(NoteFormatError):
        notes.sign(text, signers=[log_signer()])


def test_a_note_without_signer_is_refused() -> None:
    with pytest.raises(NoteFormatError):
        notes.sign(TEXT, signers=[])


def test_a_signature_is_not_added_twice() -> None:
    note = _signed()
    assert note.with_signatures(note.signatures) == note
    fresh = NoteSignature(name="w", key_id=b"1234", signature=b"s")
    assert note.with_signatures([fresh, fresh]).signatures == (*note.signatures, fresh)
