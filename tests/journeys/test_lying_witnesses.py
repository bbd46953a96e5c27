"""Whatever a witness answers, the node keeps what is valid, names who lied, and goes on."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.responses import RedirectResponse, Response, StreamingResponse
from support.builders import NOW
from support.sealed_log import SIGNER, VERIFIER, SealedLog, sealed_log
from support.stores import ORIGIN
from support.witnesses import RealWitness, Scripted, scripted

from api.witness_client import MAX_ANSWER_BYTES, HttpWitness
from trace_node.crypto import sm2
from trace_node.errors import ConfigError, UnavailableError
from trace_node.services import cosign
from trace_node.services.cosign import Cosigned, Cosigning
from trace_node.tlog import policy_text
from trace_node.tlog.cosignature import sm2_cosigner
from trace_node.tlog.note_keys import Sm2NoteSigner
from trace_node.tlog.witness_request import parse_request

SECONDS = int(NOW.timestamp())
LIAR = sm2_cosigner(name="liar.test", signer=sm2.generate())
STRANGER = sm2_cosigner(name="stranger.test", signer=sm2.generate())
IMPOSTOR = sm2_cosigner(name="liar.test", signer=sm2.generate())
AS_LOG = Sm2NoteSigner(name="liar.test", signer=sm2.generate())


class Pair:
    """A log, one honest witness, and another of whose answers a script decides."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.log: SealedLog = stack.enter_context(sealed_log(folder / "node"))
        self.honest = RealWitness(folder, "honest.test", log=VERIFIER, clock=self.log.clock)
        stack.callback(self.honest.store.close)
        self.client = stack.enter_context(self.honest.client())
        text = (
            f"log {SIGNER.vkey}\nwitness liar {LIAR.key.vkey}\n"
            f"witness honest {self.honest.vkey}\nquorum honest\n"
        )
        self.policy = policy_text.parse(text.encode())

    def cosign(self, script: Scripted, *, timeout: float = 5) -> Cosigned:
        """One round of a node that has just started; the liar is asked first."""
        with scripted(script, timeout=timeout) as liar:
            done = Cosigning(
                store=self.log.store,
                clock=self.log.clock,
                policy=self.policy,
                witnesses=[liar, self.client],
            ).cosign_newest()
            assert done is not None
            assert all(name == liar.name for name, _ in done.refused)
        return done

    def names(self) -> list[str]:
        return [line.name for line in self.log.note().signatures]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as stack:
        yield Pair(tmp_path, stack)


def text_of(request: bytes) -> str:
    return parse_request(request).note.text


def other_text(request: bytes) -> str:
    return text_of(request).replace(f"\n{parse_request(request).note.text.split()[1]}\n", "\n1\n")


def line(text: str, *, time: int = SECONDS) -> str:
    return LIAR.cosign(text, time=time).format()


LIES: dict[str, tuple[Scripted, str]] = {
    "empty": (lambda _: Response(""), "tlog.note.format"),
    "garbage": (lambda _: Response("<html>welcome</html>"), "tlog.note.format"),
    "no-text": (lambda _: Response(b"\xff\xfe"), "unavailable.witness"),
    "for-another-checkpoint": (
        lambda raw: Response(line(other_text(raw))),
        "tlog.note.signature",
    ),
    "stranger": (
        lambda raw: Response(STRANGER.cosign(text_of(raw), time=1).format()),
        "integrity.witness_keys",
    ),
    "same-name-another-key": (
        lambda raw: Response(IMPOSTOR.cosign(text_of(raw), time=1).format()),
        "integrity.witness_keys",
    ),
    "a-signature-instead-of-a-cosignature": (
        lambda raw: Response(AS_LOG.sign(text_of(raw)).format()),
        "integrity.witness_keys",
    ),
    "the-logs-own-line": (
        lambda raw: Response(parse_request(raw).note.signatures[0].format()),
        "integrity.witness_keys",
    ),
    "a-good-line-and-garbage": (
        lambda raw: Response(line(text_of(raw)) + "and more\n"),
        "tlog.note.format",
    ),
    "more-lines-than-a-note-holds": (
        lambda raw: Response(line(text_of(raw)) * 66),
        "tlog.note.format",
    ),
    "knows-more-than-there-is": (
        lambda _: Response("9223372036854775807\n", 409),
        "integrity.witness_ahead",
    ),
    "knows-a-number-of-many-digits": (
        lambda _: Response("9" * 5000, 409),
        "integrity.witness_ahead",
    ),
    "knows-no-number": (lambda _: Response("-1\n", 409), "integrity.witness_ahead"),
    "always-another-size": (lambda _: Response("2\n", 409), "integrity.witness_refused"),
    "no-proof": (lambda _: Response("{braces} {0} {name!r}", 422), "integrity.witness_refused"),
    "watches-another-log": (lambda _: Response("no", 404), "unavailable.witness_refused"),
    "overloaded": (lambda _: Response("", 503), "unavailable.witness_refused"),
    "endless": (
        lambda _: Response(b"x" * (MAX_ANSWER_BYTES + 1)),
        "unavailable.witness",
    ),
    "elsewhere": (
        lambda _: RedirectResponse("http://192.0.2.1/add-checkpoint"),
        "unavailable.witness_refused",
    ),
    # Refused unread: 16 kB of it could be 16 MB of text.
    "compressed": (
        lambda raw: Response(
            gzip.compress(line(text_of(raw)).encode()), headers={"content-encoding": "gzip"}
        ),
        "unavailable.witness",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_named_and_changes_nothing(pair: Pair, lie: str) -> None:
    script, reason = LIES[lie]
    pair.log.grow()
    done = pair.cosign(script)
    assert (done.lines, [why for _, why in done.refused]) == (1, [reason])
    assert pair.names() == [ORIGIN, "honest.test"]
    assert pair.policy.verify_quorum(pair.log.note()).met


def test_many_valid_lines_of_one_key_are_one_line(pair: Pair) -> None:
    """Each is another signature, so that without a bound one witness could fill the note."""
    pair.log.grow()
    done = pair.cosign(
        lambda raw: Response("".join(line(text_of(raw), time=SECONDS + n) for n in range(60)))
    )
    assert (done.lines, done.refused) == (2, ())
    assert sorted(pair.names()) == ["honest.test", "liar.test", ORIGIN]
    assert pair.policy.evaluate(pair.log.note()).cosigned[0] == ("liar", SECONDS)  # the first


def test_lines_of_others_are_kept_once(pair: Pair) -> None:
    """A witness may pass on what another one signed; that is worth what it is worth anyway."""
    pair.log.grow()
    seen = pair.honest.cosigners[0]
    done = pair.cosign(
        lambda raw: Response(
            line(text_of(raw)) + seen.cosign(text_of(raw), time=SECONDS - 5).format()
        )
    )
    assert (done.lines, done.refused) == (2, ())
    assert pair.policy.evaluate(pair.log.note()).cosigned == (
        ("liar", SECONDS),
        ("honest", SECONDS - 5),
    )


def test_a_drip_of_bytes_ends_at_the_deadline(pair: Pair) -> None:
    """Each byte comes in time, the whole never does."""
    stop = threading.Event()

    def drip() -> Iterator[bytes]:
        while not stop.wait(0.05):
            yield b"x"

    pair.log.grow()
    begun = time.monotonic()
    try:
        done = pair.cosign(lambda _: StreamingResponse(drip()), timeout=0.5)
    finally:
        stop.set()
    assert time.monotonic() - begun < 20  # and not for ever
    assert [reason for _, reason in done.refused] == ["unavailable.witness"]


def test_a_full_note_takes_no_more_and_stays_readable(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cosign, "MAX_SIGNATURES", 2)
    pair.log.grow()
    done = pair.cosign(
        lambda raw: Response(
            pair.honest.cosigners[0].cosign(text_of(raw), time=SECONDS).format()
            + line(text_of(raw))
        )
    )
    assert done.lines == 1
    assert len(pair.log.note().signatures) == 2


@pytest.mark.parametrize(
    "url", ["", "witness.test:8010", "ftp://witness.test", "http://", "http://a\x00b"]
)
def test_an_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        HttpWitness(url)
    assert caught.value.field == "witnesses"


def test_a_password_in_an_address_is_not_shown() -> None:
    witness = HttpWitness("http://operator:hidden@127.0.0.1:9/w/")
    assert witness.name == "http://127.0.0.1:9/w"
    with pytest.raises(UnavailableError) as caught:
        witness.add_checkpoint(b"x", time=SECONDS)
    assert "hidden" not in str(caught.value)
