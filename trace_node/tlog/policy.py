"""Whose signatures make a checkpoint good: c2sp.org/tlog-policy, and its evaluation.

The text form is in ``policy_text``. Stricter than C2SP: text is UTF-8; no key may be both a log's
and a witness's, because a log that vouches for itself adds nothing; and where a group wants more
than one member, no two of them may hold keys of one name, because one witness is not a quorum.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from trace_node.crypto import bls
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog.aggregate import AggregateKey
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.cosignature import WitnessKeyVerifier, require_witness_kind
from trace_node.tlog.errors import PolicyFormatError, QuorumError
from trace_node.tlog.note import SignedNote
from trace_node.tlog.note_keys import KeyKind, LogKeyVerifier, NoteKey

NO_QUORUM = "none"
MAX_MEMBERS = 256  # of logs, of witnesses and of groups
_WORD = re.compile(r"[^ \x00-\x1f\x7f]{1,2048}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLog:
    """A log that is accepted: its key, and where it is (for people and clients)."""

    key: NoteKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWitness:
    """A witness (见证人).

    Attributes:
        label: Its name inside the policy; the key's name may differ.
        key: A key of a cosignature kind.
        url: Where it is; for people and clients.
    """

    label: str
    key: NoteKey
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessGroup:
    """A group that has cosigned when ``threshold`` of its members have.

    Attributes:
        label: Its name inside the policy.
        threshold: 1 to the number of members.
        members: Labels of witnesses or of groups that stand before this one.
    """

    label: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """What the cosignatures of one checkpoint amount to under a policy.

    Attributes:
        required: Whether the policy asks for witnesses at all; if not, the log's operator alone
            is believed and every proof has to say "single operator".
        met: Whether the rule is fulfilled; true when none is required.
        cosigned: Labels of the witnesses that cosigned, in the policy's order, each with the time
            it stated (seconds since the epoch).
    """

    required: bool
    met: bool
    cosigned: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which logs and which witnesses make a checkpoint valid.

    Attributes:
        logs: Accepted log keys; a log whose key was rotated has several.
        witnesses: In the order that the bitmap of an aggregate cosignature follows.
        groups: Each after the groups that it names.
        quorum: Label of the witness or group that must have cosigned, or ``none``.

    Raises:
        PolicyFormatError: A rule of C2SP or of the module's head is broken; ``reason`` says which.
    """

    logs: tuple[PolicyLog, ...] = ()
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[WitnessGroup, ...] = ()
    quorum: str = NO_QUORUM

    def __post_init__(self) -> None:
        _require_counts(self)
        _require_keys(self.logs, self.witnesses)
        _require_groups(self)

    @property
    def single_operator(self) -> bool:
        """Whether nobody but the log's own operator has to vouch for a checkpoint."""
        return self.quorum == NO_QUORUM

    def aggregate_key(self) -> AggregateKey | None:
        """The key of this policy's aggregate cosignatures; ``None`` without BLS12-381 witnesses."""
        members = [witness.key for witness in self._bls_witnesses()]
        return AggregateKey(members) if members else None

    def verify_log(self, note: SignedNote) -> Checkpoint:
        """Check that a log of this policy signed, and return what it says.

        Raises:
            CheckpointFormatError: The text is not a checkpoint.
            NoteSignatureError: A known log key's signature fails, or none named like the origin
                signed.
        """
        checkpoint = checkpoints.parse(note.text)
        mine = [LogKeyVerifier(log.key) for log in self.logs if log.key.name == checkpoint.origin]
        notes.verify(note, mine)
        return checkpoint

    def evaluate(self, note: SignedNote) -> Quorum:
        """Check every cosignature of a known witness and count.

        An unmet quorum is an answer here, not an error.

        Raises:
            NoteSignatureError: A known witness's cosignature, or the aggregate, fails.
        """
        times = self._direct(note)
        for label, time in self._folded(note):
            times[label] = max(time, times.get(label, 0))
        reached = set(times)
        for group in self.groups:
            if len(reached.intersection(group.members)) >= group.threshold:
                reached.add(group.label)
        return Quorum(
            required=not self.single_operator,
            met=self.single_operator or self.quorum in reached,
            cosigned=tuple((w.label, times[w.label]) for w in self.witnesses if w.label in times),
        )

    def verify_quorum(self, note: SignedNote) -> Quorum:
        """Check that the quorum has cosigned.

        Raises:
            NoteSignatureError: See ``evaluate``.
            QuorumError: It has not.
        """
        quorum = self.evaluate(note)
        if not quorum.met:
            raise QuorumError(
                "the quorum {label} is not met: cosigned by {cosigned}",
                field="quorum",
                label=self.quorum,
                cosigned=", ".join(label for label, _ in quorum.cosigned) or "nobody",
                remedy="ask for the checkpoint again after its witnesses have cosigned it",
            )
        return quorum

    def verify(self, raw: bytes) -> tuple[Checkpoint, Quorum]:
        """Read a signed checkpoint and check log and quorum.

        Raises:
            OversizeError: See ``note.parse``.
            NoteFormatError: See ``note.parse``.
            CheckpointFormatError: See ``verify_log``.
            NoteSignatureError: See ``verify_log`` and ``evaluate``.
            QuorumError: See ``verify_quorum``.
        """
        note = notes.parse(raw)
        return self.verify_log(note), self.verify_quorum(note)

    def _bls_witnesses(self) -> list[PolicyWitness]:
        return [w for w in self.witnesses if w.key.kind is KeyKind.BLS_COSIGNATURE]

    def _direct(self, note: SignedNote) -> dict[str, int]:
        verifiers = {(w.key.name, w.key.key_id): w for w in self.witnesses}
        times: dict[str, int] = {}
        for line in dict.fromkeys(note.signatures):
            witness = verifiers.get((line.name, line.key_id))
            if witness is not None:
                time = WitnessKeyVerifier(witness.key).verified_time(note.text, line.signature)
                times[witness.label] = max(time, times.get(witness.label, 0))
        return times

    def _folded(self, note: SignedNote) -> list[tuple[str, int]]:
        members, key = self._bls_witnesses(), self.aggregate_key()
        found = []
        for line in dict.fromkeys(note.signatures):  # pairings are dear: a repeated line costs none
            if key is not None and (line.name, line.key_id) == (key.name, key.key_id):
                content = key.verified(note.text, line.signature)
                found += [(members[place].label, content.time) for place in content.signers]
        return found


def _require_counts(policy: Policy) -> None:
    for name, items in (
        ("log", policy.logs),
        ("witness", policy.witnesses),
        ("group", policy.groups),
    ):
        if len(items) > MAX_MEMBERS:
            _refuse("{field}: more than {what} of them", name, "count", what=str(MAX_MEMBERS))


def _require_keys(logs: Sequence[PolicyLog], witnesses: Sequence[PolicyWitness]) -> None:
    seen: set[tuple[str, bytes]] = set()
    for log in logs:
        LogKeyVerifier(log.key)
        _require_word(log.url, "log")
    for witness in witnesses:
        require_witness_kind(witness.key)
        _require_word(witness.url, "witness")
    for field, key in (
        *(("log", log.key) for log in logs),
        *(("witness", witness.key) for witness in witnesses),
    ):
        # The short ids of two keys can be made to collide; then neither line could be told apart.
        for identity in (_identity(key), (key.name, key.key_id)):
            if identity in seen:
                _refuse(
                    "{field}: the key of {what} stands twice", field, "repeated_key", what=key.name
                )
            seen.add(identity)


def _identity(key: NoteKey) -> tuple[str, bytes]:
    """Family and public key alone: one key under two names or kinds is still one."""
    if key.kind is KeyKind.BLS_COSIGNATURE:
        return "BLS", key.public[: bls.PUBLIC_SIZE]
    return key.kind.name.partition("_")[0], key.public


def _require_groups(policy: Policy) -> None:
    defined: set[str] = set()
    used: set[str] = set()
    for label in (witness.label for witness in policy.witnesses):
        _define(label, defined)
    names = {witness.label: {witness.key.name} for witness in policy.witnesses}
    for group in policy.groups:
        if not 1 <= group.threshold <= len(group.members):
            _refuse(
                "{field}: {what} needs a threshold between 1 and its number of members",
                "group",
                "threshold",
                what=group.label,
            )
        for member in group.members:
            if member not in defined:
                _refuse("{field}: {what} is not defined before", "group", "undefined", what=member)
            if member in used:
                _refuse("{field}: {what} is a member twice", "group", "repeated", what=member)
            used.add(member)
        _require_several(group, [names[label] for label in group.members])
        names[group.label] = set().union(*(names[label] for label in group.members))
        _define(group.label, defined)
    if policy.quorum != NO_QUORUM and policy.quorum not in defined:
        _refuse("{field}: {what} is not defined", "quorum", "undefined", what=policy.quorum)


def _require_several(group: WitnessGroup, names: Sequence[set[str]]) -> None:
    """A witness with keys of several kinds must not fill a quorum by itself.

    Args:
        group: The group.
        names: Of each member the names of the keys in it, however deep.
    """
    if group.threshold > 1 and len(set().union(*names)) != sum(map(len, names)):
        _refuse(
            "{field}: {what} counts keys of one witness as several; group them with 'any' first",
            "group",
            "same_witness",
            what=group.label,
        )


def _define(label: str, defined: set[str]) -> None:
    _require_word(label, "name")
    if label == NO_QUORUM or label in defined:
        _refuse("{field}: {what} is taken", "name", "repeated", what=label)
    defined.add(label)


def _require_word(word: str | None, field: str) -> None:
    """Labels and addresses are single words, or a policy could not be written down."""
    if word is not None and not _WORD.fullmatch(word):
        _refuse("{field}: {what} is not one word", field, "word", what=repr(word))


def _refuse(template: str, field: str, rule: str, *, what: str) -> NoReturn:
    raise PolicyFormatError(template, field=field, code=f"tlog.policy.format.{rule}", what=what)
