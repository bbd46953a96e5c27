"""The second place where entries are durable before a checkpoint is signed (档案)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from trace_node.ports.entries import Conflict, LogIdentity, Span, StoredCheckpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedEntries:
    """Entries that are archived together.

    Attributes:
        first_index: Leaf index of the first.
        bodies: The exact bytes of each, in log order.
        spans: By leaf index of a delivery, where its records are. Only for deliveries of which an
            earlier one brought some records: of all others the entries tell it.
    """

    first_index: int
    bodies: Sequence[bytes]
    spans: Mapping[int, Sequence[Span]] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """Leaf index after the last."""
        return self.first_index + len(self.bodies)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedEvidence:
    """Evidence that was archived together: it is kept for ever, so also here.

    Attributes:
        conflicts: In the order in which they were kept.
    """

    conflicts: Sequence[Conflict]


ArchivedItem = ArchivedEntries | ArchivedEvidence | StoredCheckpoint


class Archive(Protocol):
    """An append-only copy of the log, outside the database.

    What a method has returned from is durable: it survives the loss of the machine's memory, and of
    the database. Every method raises ``UnavailableError`` when the place cannot be written or read,
    and ``IntegrityError`` when what is there is damaged.
    """

    def identity(self) -> LogIdentity | None:
        """Which log it holds; None while it holds nothing."""

    def open(self, identity: LogIdentity) -> None:
        """Make the archive that of the log ``identity``, and this process its only writer.

        Raises:
            ConfigError: It is that of another log.
            StateError: Another process writes to it.
        """

    def size(self) -> int:
        """Number of entries in it, from index 0 on without gap."""

    def append(self, entries: ArchivedEntries) -> None:
        """Add entries; their first index is the present size.

        Raises:
            StateError: It is not.
        """

    def append_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        """Add a checkpoint that the archived entries cover."""

    def append_evidence(self, evidence: ArchivedEvidence) -> None:
        """Add conflicts that follow those it holds."""

    def evidence_count(self) -> int:
        """Number of conflicts in it."""

    def checkpoint_size(self) -> int:
        """Size of the checkpoint added last; 0 before the first."""

    def append_document(self, digest: bytes, body: bytes) -> None:
        """Add a document that records name by its SM3; one that it holds stays.

        Raises:
            IntegrityError: The digest is not that of the document.
        """

    def holds_document(self, digest: bytes) -> bool:
        """Whether the document with this SM3 is in it."""

    def documents(self) -> Iterator[tuple[bytes, bytes]]:
        """Every document in it, after its SM3, in the order of these.

        Raises:
            IntegrityError: One is damaged; the message names the file.
        """

    def read(self, first: int = 0) -> Iterator[ArchivedItem]:
        """Everything that was added, in order, from the piece that holds entry ``first`` on.

        Raises:
            IntegrityError: A piece is damaged or missing; the message names the file and place.
        """

    def close(self) -> None:
        """Let go of it; another process may write to it then."""
