"""Records that carry a signature, and every way in which one can be wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_node import canonical_json
from trace_node.crypto import signed_record, sm2
from trace_node.crypto.errors import SignatureError
from trace_node.errors import InputError, TooLargeError
from trace_node.ids import from_base64url, to_base64url

KEY = sm2.PrivateKey.from_secret(b"\x11" * 32)
FIELDS: dict[str, Any] = {"count": 3, "salt": "AAAAAAAAAAAAAAAAAAAAAA", "type": "example@1"}
SPEC = Path(__file__).resolve().parents[3] / "docs/spec/signed-record.md"


@pytest.fixture(scope="module")
def raw() -> bytes:
    return signed_record.sign(FIELDS, KEY)


def test_a_signed_record_is_canonical_and_verifies(raw: bytes) -> None:
    record = canonical_json.decode_object(raw)
    signed_record.verify(raw, KEY.public)
    signed_record.verify(record, KEY.public)
    assert {name: value for name, value in record.items() if name != "signature"} == FIELDS
    signature = signed_record.signature_of(record)
    assert signature.key == KEY.public.key_id
    sm2.verify(KEY.public, canonical_json.encode(FIELDS), signature.value)


def test_what_is_signed_is_the_record_without_its_signature(raw: bytes) -> None:
    record = canonical_json.decode_object(raw)
    assert signed_record.signed_bytes(record) == canonical_json.encode(FIELDS)


def test_a_signed_record_is_not_signed_again(raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        signed_record.sign(canonical_json.decode_object(raw), KEY)
    assert caught.value.reason == "input.record.signed"


def test_a_record_has_at_most_65535_bytes() -> None:
    overhead = len(signed_record.sign({"x": ""}, KEY))
    with pytest.raises(TooLargeError):
        signed_record.sign({"x": "y" * (65_535 - overhead + 10)}, KEY)
    with pytest.raises(TooLargeError):
        signed_record.verify(b" " * 65_536, KEY.public)


def test_another_key_is_named_before_anything_is_computed(raw: bytes) -> None:
    with pytest.raises(SignatureError) as caught:
        signed_record.verify(raw, sm2.generate().public)
    assert caught.value.reason == "integrity.signature.key"


@given(position=st.integers(0, 10_000), change=st.integers(1, 255))
def test_any_altered_byte_is_refused(position: int, change: int) -> None:
    raw = bytearray(signed_record.sign(FIELDS, KEY))
    raw[position % len(raw)] ^= change
    with pytest.raises((InputError, SignatureError)):
        signed_record.verify(bytes(raw), KEY.public)


def altered(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    record: Any = canonical_json.decode_object(signed_record.sign(FIELDS, KEY))
    change(record)
    return record


def set_value(value: object) -> Callable[[dict[str, Any]], None]:
    return lambda record: record["signature"].update(value=value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda r: r.pop("signature"), "input.record.unsigned"),
        (lambda r: r.update(signature="x"), "input.record.unsigned"),
        (lambda r: r.update(signature=[]), "input.record.unsigned"),
        (lambda r: r["signature"].pop("key"), "input.record.unsigned"),
        (lambda r: r["signature"].update(more=1), "input.record.unsigned"),
        (lambda r: r["signature"].update(algorithm="SM2-SHA256"), "input.record.algorithm"),
        (lambda r: r["signature"].update(algorithm=None), "input.record.algorithm"),
        (lambda r: r["signature"].update(key="AB" * 16), "input.record.key"),
        (lambda r: r["signature"].update(key="ab" * 15), "input.record.key"),
        (lambda r: r["signature"].update(key=7), "input.record.key"),
        (lambda r: r["signature"].update(key="00" * 16), "integrity.signature.key"),
        (set_value(7), "input.record.value"),
        (set_value("not base64 at all"), "input"),
        (set_value("AA=="), "input"),
        (set_value(""), "integrity.signature.truncated"),
        (set_value(to_base64url(bytes(64))), "integrity.signature.der"),
        (lambda r: r.update(count=4), "integrity.signature.mismatch"),
        (lambda r: r.update(more=None), "integrity.signature.mismatch"),
        (lambda r: r.pop("count"), "integrity.signature.mismatch"),
        (lambda r: r.update(count=0.5), "input.canonical"),
    ],
)
def test_each_defect_has_its_own_reason(
    change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    with pytest.raises((InputError, SignatureError)) as caught:
        signed_record.verify(altered(change), KEY.public)
    assert caught.value.reason == reason


def test_a_second_spelling_of_the_signature_is_refused() -> None:
    record: Any = canonical_json.decode_object(signed_record.sign(FIELDS, KEY))
    value = from_base64url(record["signature"]["value"], size=None, field="value")
    for other in (value + b"\0", b"\x30\x81" + value[1:]):
        record["signature"]["value"] = to_base64url(other)
        with pytest.raises(SignatureError):
            signed_record.verify(record, KEY.public)


class TestSpecification:
    """The example of docs/spec/signed-record.md, derived again."""

    @staticmethod
    def blocks() -> dict[str, str]:
        parts = SPEC.read_text("utf-8").split("```")
        fenced = [part.split("\n", 1) for part in parts[1::2]]
        return {name: body.strip("\n") for name, body in fenced}

    def test_the_example_verifies(self) -> None:
        blocks = self.blocks()
        point = bytes.fromhex("".join(blocks["text point"].split()))
        public = sm2.PublicKey.from_point(point)
        assert public.key_id == blocks["text key-id"]
        signed_record.verify(blocks["json record"].encode(), public)

    def test_each_step_gives_the_printed_bytes(self) -> None:
        blocks = self.blocks()
        point = bytes.fromhex("".join(blocks["text point"].split()))
        public = sm2.PublicKey.from_point(point)
        record = canonical_json.decode_object(blocks["json record"].encode())
        signed = signed_record.signed_bytes(record)
        assert signed == blocks["json signed-bytes"].encode()
        assert sm2.z_value(public).hex() == blocks["text z"]
        assert sm2.digest(public, signed).hex() == blocks["text e"]
        value = signed_record.signature_of(record).value
        assert value.hex() == "".join(blocks["text der"].split())
