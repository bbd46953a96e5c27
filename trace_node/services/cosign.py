"""Ask witnesses to cosign the newest checkpoint, and keep what they sign.

A witness that does not answer holds nothing up: its cosignature is simply missing, and the verdict
says whether the quorum of the trust root is met. BLS12-381 cosignatures of one time are folded into
one line.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trace_node.clock import Clock
from trace_node.errors import InputError, IntegrityError, TraceNodeError
from trace_node.ports.log_reader import LogReader
from trace_node.ports.store import Store
from trace_node.ports.witness import WitnessAnswer, WitnessPort
from trace_node.tlog import note as notes
from trace_node.tlog import proof
from trace_node.tlog.cosignature import WitnessKeyVerifier
from trace_node.tlog.note import NoteSignature, SignedNote
from trace_node.tlog.note_keys import KeyKind
from trace_node.tlog.policy import Policy
from trace_node.tlog.witness_request import AddCheckpoint
from trace_node.tlog.witness_state import CONFLICT, OK

logger = logging.getLogger(__name__)
MAX_SIZE_DIGITS = 19
MIN_FOLDED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """What one round came to (见证结果).

    Attributes:
        size: Size of the checkpoint.
        lines: Signature lines that were added.
        refused: Name of each witness that did not cosign, with the reason.
    """

    size: int
    lines: int
    refused: tuple[tuple[str, str], ...]


class Cosigning:
    """Collects cosignatures for checkpoints of one log.

    Args:
        store: The node's store.
        clock: Time; proposed to the witnesses.
        policy: Which keys count, and in which order they are folded.
        witnesses: Whom to ask.
    """

    def __init__(
        self, *, store: Store, clock: Clock, policy: Policy, witnesses: Sequence[WitnessPort]
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._witnesses = witnesses
        self._known_sizes: dict[str, int] = {}
        self._answered: tuple[int, set[str]] = (0, set())

    def cosign_newest(self) -> Cosigned | None:
        """Ask each witness that has not cosigned the newest checkpoint; None when there is none.

        Errors of a witness are reported in the result and logged; errors of the store are raised.
        """
        newest = self._store.reader().checkpoint()
        if newest is None:
            return None
        note = notes.parse(newest.note)
        time = int(self._clock.now().timestamp())
        gained: list[NoteSignature] = []
        refused: list[tuple[str, str]] = []
        if self._answered[0] != newest.size:
            self._answered = (newest.size, set())
        for witness in self._witnesses:
            if witness.name in self._answered[1]:
                continue
            try:
                gained += self._ask(witness, note, size=newest.size, time=time)
                self._answered[1].add(witness.name)
            except TraceNodeError as error:
                logger.warning("no cosignature", extra={"witness": witness.name, "why": str(error)})
                refused.append((witness.name, error.reason))
        added = [line for line in self._fold(note, gained) if line not in note.signatures]
        if added:
            with self._store.unit_of_work() as work:
                work.checkpoints.set_note(
                    size=newest.size, note=note.with_signatures(added).format()
                )
        return Cosigned(size=newest.size, lines=len(added), refused=tuple(refused))

    def _ask(
        self, witness: WitnessPort, note: SignedNote, *, size: int, time: int
    ) -> list[NoteSignature]:
        """One witness's valid lines; asks a second time when it knows another size."""
        old_size = self._known_sizes.get(witness.name, 0)
        answer = self._send(witness, note, old_size=old_size, size=size, time=time)
        if answer.status == CONFLICT:
            old_size = _known_size(answer.body, most=size)
            answer = self._send(witness, note, old_size=old_size, size=size, time=time)
        if answer.status == OK:
            self._known_sizes[witness.name] = size
            return list(self._checked(witness, note, answer.body))
        raise IntegrityError(
            "the witness {name} answers {status}: {body}",
            code="integrity.witness_refused",
            name=witness.name,
            status=answer.status,
            body=answer.body.strip()[:200],
            remedy="compare both heads; two histories of one log are a grave matter",
        )

    def _send(
        self, witness: WitnessPort, note: SignedNote, *, old_size: int, size: int, time: int
    ) -> WitnessAnswer:
        request = AddCheckpoint(old_size=old_size, proof=self._proof(old_size, size), note=note)
        return witness.add_checkpoint(request.format(), time=time)

    def _proof(self, old_size: int, size: int) -> tuple[bytes, ...]:
        if old_size in (0, size):
            return ()
        reader: LogReader = self._store.reader()
        return tuple(proof.consistency(size1=old_size, size2=size, reader=reader.subtrees()))

    def _checked(
        self, witness: WitnessPort, note: SignedNote, body: str
    ) -> Iterator[NoteSignature]:
        """The lines of keys that the policy knows; others are no use to a verifier."""
        known = {
            (member.key.name, member.key.key_id): WitnessKeyVerifier(member.key)
            for member in self._policy.witnesses
        }
        for text in body.splitlines():
            line = notes.parse_signature_line(text)
            verifier = known.get((line.name, line.key_id))
            if verifier is None:
                logger.info("unknown key of a witness", extra={"witness": witness.name})
                continue
            verifier.verify(note.text, line.signature)
            yield line

    def _fold(self, note: SignedNote, lines: list[NoteSignature]) -> list[NoteSignature]:
        """Replace several BLS lines by their aggregate; the others stay as they are."""
        bls = {
            (member.key.name, member.key.key_id)
            for member in self._policy.witnesses
            if member.key.kind is KeyKind.BLS_COSIGNATURE
        }
        shares = [line for line in lines if (line.name, line.key_id) in bls]
        rest = [line for line in lines if (line.name, line.key_id) not in bls]
        key = self._policy.aggregate_key()
        if key is None or len(shares) < MIN_FOLDED:
            return lines
        try:
            return [*rest, key.fold(note.text, shares)]
        except InputError as error:
            logger.warning("cosignatures were not folded", extra={"why": str(error)})
            return lines


def _known_size(body: str, *, most: int) -> int:
    text = body.strip()
    if text.isascii() and text.isdigit() and len(text) <= MAX_SIZE_DIGITS and int(text) <= most:
        return int(text)
    raise IntegrityError(
        "a witness knows the size {size} of this log, which has only {most}",
        code="integrity.witness_ahead",
        size=text[:40],
        most=most,
        remedy="this node was rolled back: restore it from the archive before it signs again",
    )
