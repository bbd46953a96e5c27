"""How long the node's key still signs: watched while the node runs, not at its start alone.

What the node signs after its key has ended could be laid to nobody, and ``fsck`` would find it for
ever. So nothing is taken in, derived or sealed then: collectors keep their readings, and go on by
themselves once the key is registered anew.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from trace_node.clock import Clock
from trace_node.errors import UnavailableError
from trace_node.ids import KeyId
from trace_node.ports.registry import EnrolledKey, key_at, last_begun
from trace_node.services.enrolled import EnrolmentBook
from trace_node.services.statement_signers import NODE_USAGE

WARN_BEFORE: Final = timedelta(days=30)
MARGIN: Final = timedelta(seconds=60)  # what is checked now may be signed and stored a little later

_P = ParamSpec("_P")
_T = TypeVar("_T")


class NodeKeyEndedError(UnavailableError):
    """The node's key signs no longer; after another registration it goes on."""

    code = "unavailable.node_key"


class KeyState(StrEnum):
    """How the node's key stands.

    Attributes:
        GOOD: Nothing needs doing.
        ENDS_SOON: It ends within 30 days and is not registered beyond.
        ENDED: Nothing is taken in, derived or sealed.
    """

    GOOD = "good"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTerm:
    """Until when a key may sign (密钥有效期).

    Attributes:
        state: What that means now.
        valid_to: End of the registration that holds now, or held last.
    """

    state: KeyState
    valid_to: datetime


def term_of(keys: Iterable[EnrolledKey], *, key_id: KeyId, at: datetime) -> KeyTerm | None:
    """The term of a node's key at an instant; None if no registration of it has begun.

    Args:
        keys: Registrations in the order in which they were logged.
        key_id: Id of the key.
        at: The instant.
    """
    known = [key for key in keys if (key.key_id, key.usage) == (key_id, NODE_USAGE)]
    held = last_begun(known, key_id=key_id, usage=NODE_USAGE, at=at)
    if held is None:
        return None

    def holds(when: datetime) -> bool:
        return key_at(known, key_id=key_id, usage=NODE_USAGE, at=when) is not None

    state = KeyState.GOOD
    if not holds(at) or not holds(at + MARGIN):
        state = KeyState.ENDED
    elif not all(map(holds, _ends(known, at=at))):
        state = KeyState.ENDS_SOON
    return KeyTerm(state=state, valid_to=held.valid_to)


def _ends(keys: Iterable[EnrolledKey], *, at: datetime) -> Iterator[datetime]:
    """When registrations end in the next 30 days, and the end of these: a gap may lie between."""
    yield at + WARN_BEFORE
    yield from (key.valid_to for key in keys if at < key.valid_to < at + WARN_BEFORE)


class NodeKeyTerm:
    """Watches the key that a running node signs with.

    Args:
        book: What is enrolled.
        key_id: Id of the key.
        clock: Time.
    """

    def __init__(self, *, book: EnrolmentBook, key_id: KeyId, clock: Clock) -> None:
        self._book = book
        self._key_id = key_id
        self._clock = clock

    def look(self) -> KeyTerm | None:
        """How the key stands now."""
        now = self._clock.now()
        term = term_of(self._book.current.keys_of(self._key_id), key_id=self._key_id, at=now)
        if term is None or term.state is KeyState.ENDED:
            known = self._book.renew_if_stale().keys_of(self._key_id)
            term = term_of(known, key_id=self._key_id, at=now)
        return term

    def require(self) -> None:
        """Require that the key may sign now.

        Raises:
            NodeKeyEndedError: It may not, or only for less than a minute.
        """
        term = self.look()
        if term is None or term.state is KeyState.ENDED:
            raise NodeKeyEndedError(
                "{field}: the node's key {key} signs no longer: nothing is taken in or sealed",
                field="node_key",
                key=self._key_id,
                remedy="register it anew: trace-node keys enrol FILE --usage node --subject NAME;"
                " collectors keep their readings until then",
            )

    def guarded(self, verb: Callable[_P, _T]) -> Callable[_P, _T]:
        """The verb, which raises ``NodeKeyEndedError`` while the key may not sign."""

        @wraps(verb)
        def run(*arguments: _P.args, **named: _P.kwargs) -> _T:
            self.require()
            return verb(*arguments, **named)

        return run

    @property
    def note(self) -> str:
        """Why nothing is taken in; empty while the key may sign."""
        try:
            self.require()
        except NodeKeyEndedError as error:
            return error.message
        return ""
