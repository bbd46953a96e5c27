"""Ask witnesses to cosign the newest checkpoint, and keep what they sign.

All witnesses are asked at once. One that does not answer holds nothing up: its cosignature is
simply missing, and the verdict says whether the quorum of the trust root is met. BLS12-381
cosignatures of one time are folded into one line. A witness is not believed: of what it answers,
one valid line for each key that the policy names is kept, and none of a key that has cosigned.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from trace_node.clock import Clock
from trace_node.errors import IntegrityError, TraceNodeError, UnavailableError
from trace_node.ports.store import Store
from trace_node.ports.witness import WitnessAnswer, WitnessPort
from trace_node.tlog import cosignature, proof
from trace_node.tlog import note as notes
from trace_node.tlog.cosignature import WitnessKeyVerifier
from trace_node.tlog.note import MAX_SIGNATURES, NoteSignature, SignedNote
from trace_node.tlog.note_keys import KeyKind
from trace_node.tlog.policy import Policy
from trace_node.tlog.witness_request import AddCheckpoint
from trace_node.tlog.witness_state import BAD_PROOF, CONFLICT, OK

logger = logging.getLogger(__name__)
MAX_SIZE_DIGITS = 19
MAX_SHOWN = 200  # characters of an answer in a message
MIN_FOLDED = 2

Lines = Mapping[str, NoteSignature]  # by the witness's label in the policy
Asked = Mapping[WitnessPort, int]  # with the size that each is believed to know


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
    """Collects cosignatures for checkpoints of one log; to be used by one thread.

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
        self._verifiers = {
            (member.key.name, member.key.key_id): (member.label, WitnessKeyVerifier(member.key))
            for member in policy.witnesses
        }
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
        gained: dict[str, NoteSignature] = {}
        refused: list[tuple[str, str]] = []
        for witness, answer in self._ask(note, size=newest.size).items():
            try:
                gained = {**self._checked(witness, answer, note), **gained}
            except TraceNodeError as error:
                logger.warning("no cosignature", extra={"witness": witness.name, "why": str(error)})
                refused.append((witness.name, error.reason))
            else:
                self._known_sizes[witness.name] = newest.size
                self._answered[1].add(witness.name)
        added = self._new_lines(note, gained) if gained else []
        if added:
            with self._store.unit_of_work() as work:
                cosigned = note.with_signatures(added).format()
                work.checkpoints.set_note(size=newest.size, note=cosigned)
        return Cosigned(size=newest.size, lines=len(added), refused=tuple(refused))

    def _ask(
        self, note: SignedNote, *, size: int
    ) -> dict[WitnessPort, WitnessAnswer | TraceNodeError]:
        """What each witness answers that has not yet; a second time where it knew another size."""
        if self._answered[0] != size:
            self._answered = (size, set())
        asked = {
            witness: self._known_sizes.get(witness.name, 0)
            for witness in self._witnesses
            if witness.name not in self._answered[1]
        }
        if asked and len(self._present(note)) == len(self._verifiers):
            return {}  # the node was started again after all had cosigned
        answers = self._exchange(asked, note, size=size)
        again: dict[WitnessPort, int] = {}
        for witness, answer in answers.items():
            if isinstance(answer, WitnessAnswer) and answer.status == CONFLICT:
                try:
                    again[witness] = _known_size(answer.body, most=size)
                except IntegrityError as error:
                    answers[witness] = error
        return {**answers, **self._exchange(again, note, size=size)}

    def _exchange(
        self, asked: Asked, note: SignedNote, *, size: int
    ) -> dict[WitnessPort, WitnessAnswer | TraceNodeError]:
        """Send to all at once, proposing one time, so that a silent one delays no other."""
        if not asked:
            return {}
        time = int(self._clock.now().timestamp())
        requests = {
            witness: AddCheckpoint(
                old_size=old_size, proof=self._proof(old_size, size), note=note
            ).format()
            for witness, old_size in asked.items()
        }
        with ThreadPoolExecutor(max_workers=len(requests), thread_name_prefix="witness") as pool:
            answers = pool.map(lambda sent: _answer(*sent, time=time), requests.items())
            return dict(zip(requests, answers, strict=True))

    def _proof(self, old_size: int, size: int) -> tuple[bytes, ...]:
        if old_size in (0, size):
            return ()
        reader = self._store.reader().subtrees()
        return tuple(proof.consistency(size1=old_size, size2=size, reader=reader))

    def _checked(
        self, witness: WitnessPort, answer: WitnessAnswer | TraceNodeError, note: SignedNote
    ) -> Lines:
        """The valid lines of an answer, one for each key that the policy names.

        Raises:
            TraceNodeError: There is none, or one of a known key is not valid.
        """
        if isinstance(answer, TraceNodeError):
            raise answer
        if answer.status != OK:
            raise _refusal(witness, answer)
        texts = answer.body.removesuffix("\n").split("\n", MAX_SIGNATURES)
        lines: dict[str, NoteSignature] = {}
        for line in (notes.parse_signature_line(text) for text in texts):
            label, verifier = self._verifiers.get((line.name, line.key_id), ("", None))
            if verifier is not None and label not in lines:
                verifier.verify(note.text, line.signature)
                lines[label] = line
        if not lines:
            raise IntegrityError(
                "the witness {name} answers without a cosignature of a key that the policy names",
                code="integrity.witness_keys",
                name=witness.name,
                remedy="compare the policy with the keys that the witness shows at /keys",
            )
        return lines

    def _new_lines(self, note: SignedNote, gained: Lines) -> list[NoteSignature]:
        """The lines to add: none of a witness whose cosignature is on the note already.

        Without that the note would grow at every start of the node.
        """
        present = self._present(note)
        fresh = [line for label, line in gained.items() if label not in present]
        lines = [*self._folded(note, fresh)]
        room = MAX_SIGNATURES - len(note.signatures)
        if len(lines) > room:
            logger.warning("no room for cosignatures", extra={"left_out": len(lines) - room})
        return lines[:room]

    def _present(self, note: SignedNote) -> frozenset[str]:
        """Labels of the witnesses whose cosignatures are on the note."""
        return frozenset(label for label, _ in self._policy.evaluate(note).cosigned)

    def _folded(self, note: SignedNote, lines: Iterable[NoteSignature]) -> Iterator[NoteSignature]:
        """Several BLS lines of one time as their aggregate, first; the others as they are."""
        rest: list[NoteSignature] = []
        shares: dict[int, list[NoteSignature]] = defaultdict(list)
        for line in lines:
            kind = self._verifiers[line.name, line.key_id][1].key.kind
            if kind is KeyKind.BLS_COSIGNATURE:
                shares[cosignature.decode(kind, line.signature).time].append(line)
            else:
                rest.append(line)
        key = self._policy.aggregate_key()
        for of_one_time in shares.values():
            if key is not None and len(of_one_time) >= MIN_FOLDED:
                yield key.fold(note.text, of_one_time)
            else:
                rest += of_one_time
        yield from rest


def _answer(witness: WitnessPort, request: bytes, *, time: int) -> WitnessAnswer | TraceNodeError:
    try:
        return witness.add_checkpoint(request, time=time)
    except TraceNodeError as error:
        return error


def _refusal(witness: WitnessPort, answer: WitnessAnswer) -> TraceNodeError:
    if answer.status in {CONFLICT, BAD_PROOF}:
        return IntegrityError(
            "the witness {name} refuses this history with {status}: {body}",
            code="integrity.witness_refused",
            name=witness.name,
            status=answer.status,
            body=answer.body.strip()[:MAX_SHOWN],
            remedy="compare both heads; two histories of one log are a grave matter",
        )
    return UnavailableError(
        "the witness {name} answers {status}: {body}",
        code="unavailable.witness_refused",
        name=witness.name,
        status=answer.status,
        body=answer.body.strip()[:MAX_SHOWN],
        remedy="ask its operator whether it watches this log under this key",
    )


def _known_size(body: str, *, most: int) -> int:
    text = body.strip()
    if text.isascii() and text.isdigit() and len(text) <= MAX_SIZE_DIGITS and int(text) <= most:
        return int(text)
    raise IntegrityError(
        "a witness says that it knows the size {size} of this log, which has only {most}",
        code="integrity.witness_ahead",
        size=text[:40],
        most=most,
        remedy="unless the witness is wrong, this node was rolled back: stop it and restore",
    )
