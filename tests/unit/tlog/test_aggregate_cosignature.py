"""BLS12-381 cosignatures folded into one line: who signed, and what must not pass."""

import hashlib

import pytest
from support.tlog_keys import bls_key, bls_witness, signed_checkpoint, sm2_witness

from trace_node.crypto import bls
from trace_node.crypto.backends.bls_base import ORDER
from trace_node.tlog.aggregate import AggregateCosignature, AggregateKey
from trace_node.tlog.cosignature import decode, encode_time, signed_message
from trace_node.tlog.errors import CosignatureFormatError, NoteFormatError, NoteSignatureError
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note import NoteSignature
from trace_node.tlog.note_keys import KeyKind, NoteKey

TEXT = signed_checkpoint(size=3, root=SM3.leaf(b"root")).text
TIME = 1_790_000_000
NAMES = [f"w{number}.example" for number in range(10)]
KEY = AggregateKey([bls_witness(name).key for name in NAMES])


def _shares(*places: int, time: int = TIME, text: str = TEXT) -> list[NoteSignature]:
    return [bls_witness(NAMES[place]).cosign(text, time=time) for place in places]


@pytest.fixture(scope="module")
def line() -> NoteSignature:
    return KEY.fold(TEXT, _shares(9, 0, 3))


def test_the_bytes_of_the_line(line: NoteSignature) -> None:
    assert line.name == "witnesses"
    material = b"\xffaggregate-cosignature/v1 BLS12-381" + b"".join(
        bls_key(name).public.raw for name in NAMES
    )
    assert line.key_id == hashlib.sha256(b"witnesses\n" + material).digest()[:4]
    shares = [decode(KeyKind.BLS_COSIGNATURE, s.signature).signature for s in _shares(0, 3, 9)]
    bitmap = bytes([0b00001001, 0b00000010])
    assert line.signature == bitmap + encode_time(TIME) + bls.aggregate(shares)
    assert len(line.signature) == 2 + 8 + 96


def test_who_signed_and_when(line: NoteSignature) -> None:
    content = KEY.verified(TEXT, line.signature)
    assert (content.signers, content.time) == ((0, 3, 9), TIME)
    assert KEY.encode(content) == line.signature


def test_one_share_alone_folds_too() -> None:
    line = KEY.fold(TEXT, _shares(4))
    assert KEY.verified(TEXT, line.signature).signers == (4,)


def test_every_flipped_bit_of_bitmap_and_time_is_refused(line: NoteSignature) -> None:
    for place in range(10):
        for bit in (0, 3, 7):
            spoilt = bytearray(line.signature)
            spoilt[place] ^= 1 << bit
            with pytest.raises(NoteSignatureError) as caught:
                KEY.verify(TEXT, bytes(spoilt))
            assert caught.value.reason == "tlog.note.signature.aggregate"


def test_every_flipped_byte_of_the_aggregate_is_refused(line: NoteSignature) -> None:
    for place in range(10, len(line.signature), 5):
        spoilt = bytearray(line.signature)
        spoilt[place] ^= 0x40
        with pytest.raises(NoteSignatureError):
            KEY.verify(TEXT, bytes(spoilt))


def test_another_text_is_refused(line: NoteSignature) -> None:
    with pytest.raises(NoteSignatureError):
        KEY.verify(TEXT.replace("\n3\n", "\n4\n"), line.signature)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(106),  # nobody signed
        b"\x00\x04" + bytes(104),  # a witness beyond the last
        b"\x01\x80" + bytes(104),
        b"\x01" + bytes(104),  # bitmap of another size
        b"\x01\x00" + b"\x80" + bytes(103),  # a time of 2^63 and more
    ],
)
def test_bytes_that_are_no_aggregate_are_refused(raw: bytes) -> None:
    with pytest.raises(CosignatureFormatError):
        KEY.decode(raw)
    with pytest.raises(NoteSignatureError):
        KEY.verify(TEXT, raw)


@pytest.mark.parametrize("signers", [(), (10,), (-1,), (0, 99)])
def test_places_that_nobody_has_are_not_written(signers: tuple[int, ...]) -> None:
    content = AggregateCosignature(signers=signers, time=TIME, signature=bytes(96))
    with pytest.raises(CosignatureFormatError):
        KEY.encode(content)


def test_only_shares_that_fit_are_folded() -> None:
    bad = _shares(1)[0]
    spoilt = NoteSignature(
        name=bad.name, key_id=bad.key_id, signature=_shares(1, text="other\n")[0].signature
    )
    with pytest.raises(NoteSignatureError):
        KEY.fold(TEXT, [*_shares(0), spoilt])
    for shares in (
        [],
        _shares(0, 0),
        [*_shares(0), *_shares(1, time=TIME + 1)],
        [*_shares(0), bls_witness("stranger.example").cosign(TEXT, time=TIME)],
    ):
        with pytest.raises(CosignatureFormatError):
            KEY.fold(TEXT, shares)


def test_another_set_or_order_is_another_key(line: NoteSignature) -> None:
    for names in (NAMES[:-1], list(reversed(NAMES)), [*NAMES, "w10.example"]):
        assert AggregateKey([bls_witness(name).key for name in names]).key_id != line.key_id


def test_which_keys_can_be_folded() -> None:
    one = bls_witness(NAMES[0]).key
    twin = NoteKey(name="other.example", kind=one.kind, public=one.public)
    for members in ([], [one, one], [one, twin], [one, sm2_witness("w").key]):
        with pytest.raises(NoteFormatError):
            AggregateKey(members)


def test_a_rogue_key_is_refused() -> None:
    """The attack for which proofs of possession exist: a key chosen as ``mine - victim``."""
    backend = pytest.importorskip("py_ecc.bls.g2_primitives")
    curve = pytest.importorskip("py_ecc.optimized_bls12_381")
    victim = bls_witness("victim.example")
    mine = bls_key("rogue.example")
    difference = curve.add(
        backend.pubkey_to_G1(mine.public.raw),
        curve.neg(backend.pubkey_to_G1(victim.key.public[:48])),
    )
    rogue_raw = backend.G1_to_pubkey(difference)
    message = signed_message(time=TIME, text=TEXT)
    forged = mine.sign(message)
    # Without proofs the attacker's own signature passes for both keys.
    bls.fast_aggregate_verify(
        [bls.PublicKey(rogue_raw), bls.PublicKey(victim.key.public[:48])], message, forged
    )
    for proof in (mine.prove_possession(), victim.key.public[48:]):
        rogue = NoteKey(
            name="rogue.example", kind=KeyKind.BLS_COSIGNATURE, public=rogue_raw + proof
        )
        key = AggregateKey([rogue, victim.key])
        content = AggregateCosignature(signers=(0, 1), time=TIME, signature=forged)
        with pytest.raises(NoteSignatureError) as caught:
            key.verify(TEXT, key.encode(content))
        assert caught.value.reason == "tlog.note.signature.aggregate"


def test_keys_that_cancel_out_are_refused() -> None:
    """A key and its negative, each honestly held, sum to infinity under any message."""
    one = bls_key("cancel.example")
    number = ORDER - int.from_bytes(one.secret, "big")
    negative = bls.PrivateKey(number.to_bytes(32, "big"))
    members = [
        NoteKey(
            name=f"{place}.example",
            kind=KeyKind.BLS_COSIGNATURE,
            public=key.public.raw + key.prove_possession(),
        )
        for place, key in enumerate((one, negative))
    ]
    key = AggregateKey(members)
    infinity = bytes([0xC0]) + bytes(95)
    content = AggregateCosignature(signers=(0, 1), time=TIME, signature=infinity)
    with pytest.raises(NoteSignatureError):
        key.verify(TEXT, key.encode(content))
