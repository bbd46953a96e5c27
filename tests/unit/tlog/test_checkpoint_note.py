"""Checkpoints: what is and what is not one, and who may sign it."""

import pytest
from support.tlog_keys import ORIGIN, interop_signer, log_signer

from trace_node.errors import InputError
from trace_node.tlog.checkpoint import Checkpoint, open_signed, parse, sign
from trace_node.tlog.errors import CheckpointFormatError, NoteSignatureError
from trace_node.tlog.hasher import SHA256, SM3
from trace_node.tlog.note_keys import log_verifier

ROOT = SM3.empty()
ROOT_TEXT = "GrIdg1XPoX+OYRlIMegajyK+yMco/vt0ftA161CCqis="


def _checkpoint(**changes: object) -> Checkpoint:
    return Checkpoint(**{"origin": ORIGIN, "size": 7, "root": ROOT, **changes})


def test_the_text_is_three_lines() -> None:
    text = f"{ORIGIN}\n7\n{ROOT_TEXT}\n"
    assert _checkpoint().format() == text
    assert parse(text) == _checkpoint()


def test_extension_lines_are_kept() -> None:
    text = f"{ORIGIN}\n7\n{ROOT_TEXT}\nmore\nand more\n"
    assert parse(text).extensions == ("more", "and more")
    assert parse(text).format() == text


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "checkpoint"),
        (f"{ORIGIN}\n7\n", "checkpoint"),
        (f"{ORIGIN}\n7\n{ROOT_TEXT}", "checkpoint"),
        (f"\n7\n{ROOT_TEXT}\n", "origin"),
        (f"a b\n7\n{ROOT_TEXT}\n", "origin"),
        (f"a+b\n7\n{ROOT_TEXT}\n", "origin"),
        (f"{'a' * 256}\n7\n{ROOT_TEXT}\n", "origin"),
        (f"{ORIGIN}\n07\n{ROOT_TEXT}\n", "size"),
        (f"{ORIGIN}\n+7\n{ROOT_TEXT}\n", "size"),
        (f"{ORIGIN}\n-7\n{ROOT_TEXT}\n", "size"),
        (f"{ORIGIN}\n7 \n{ROOT_TEXT}\n", "size"),
        (f"{ORIGIN}\n\u0667\n{ROOT_TEXT}\n", "size"),  # an Arabic seven
        (f"{ORIGIN}\n9223372036854775808\n{ROOT_TEXT}\n", "size"),
        (f"{ORIGIN}\n99999999999999999999\n{ROOT_TEXT}\n", "size"),
        (f"{ORIGIN}\n7\n{ROOT_TEXT[:-1]}\n", "root"),
        (f"{ORIGIN}\n7\n{ROOT_TEXT[:-2]}t=\n", "root"),
        (f"{ORIGIN}\n7\nAAAA\n", "root"),
        (f"{ORIGIN}\n7\n{ROOT_TEXT}\n\n", "extensions"),
        (f"{ORIGIN}\n7\n{ROOT_TEXT}\n" + "more\n" * 17, "extensions"),
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str, field: str) -> None:
    with pytest.raises(CheckpointFormatError) as caught:
        parse(text)
    assert caught.value.field == field


def test_the_largest_size_is_read() -> None:
    assert parse(f"{ORIGIN}\n{2**63 - 1}\n{ROOT_TEXT}\n").size == 2**63 - 1


@pytest.mark.parametrize(
    "changes",
    [{"size": -1}, {"size": 2**63}, {"root": b"x"}, {"extensions": ("",)}, {"origin": ""}],
)
def test_what_cannot_be_written_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(CheckpointFormatError):
        _checkpoint(**changes)


def test_signed_and_opened_again() -> None:
    note = sign(_checkpoint(), signers=[log_signer(), interop_signer()])
    opened, same = open_signed(note.format(), verifiers=[log_verifier(log_signer().vkey)])
    assert opened == _checkpoint()
    assert same == note


def test_a_key_of_another_name_neither_signs_nor_counts() -> None:
    other = log_signer("other.example/sm3")
    with pytest.raises(CheckpointFormatError) as caught:
        sign(_checkpoint(), signers=[other])
    assert caught.value.reason == "tlog.checkpoint.origin"
    note = sign(_checkpoint(), signers=[log_signer()])
    signed_by_other = note.with_signatures([other.sign(note.text)])
    with pytest.raises(NoteSignatureError) as refused:
        open_signed(signed_by_other.format(), verifiers=[log_verifier(other.vkey)])
    assert refused.value.reason == "tlog.note.unknown_keys"


def test_the_origin_names_the_hash() -> None:
    assert _checkpoint().hasher is SM3
    assert _checkpoint(origin="trace-node.local/plant-a/sha256").hasher is SHA256
    for origin in ("trace-node.local/plant-a/md5", "trace-node.local/sm3/plant-a", "plant-a"):
        with pytest.raises(InputError) as caught:
            _ = _checkpoint(origin=origin).hasher
        assert caught.value.reason == "tlog.hash_name"
