"""The second place where entries are durable before a checkpoint is signed (档案)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from trace_node.ports.entries import LoggedDelivery, LogIdentity, StoredCheckpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedEntries:
    """Entries that were archived together.

    Attributes:
        first_index: Leaf index of the first.
        bodies: The exact bytes of each, in log order.
        deliveries: Where the records of the deliveries among them are; of a delivery whose records
            came in part with an earlier one this cannot be told from the entries alone.
    """

    first_index: int
    bodies: Sequence[bytes]
    deliveries: Sequence[LoggedDelivery]


class Archive(Protocol):
    """An append-only copy of the log, outside the database.

    What a method has returned from is durable: it survives the loss of the machine's memory, and of
    the database. Every method raises ``UnavailableError`` when the place cannot be written or read,
    and ``IntegrityError`` when what is there is damaged.
    """

    def identity(self) -> LogIdentity | None:
        """Which log it holds; None while it holds nothing."""

    def open(self, identity: LogIdentity) -> None:
        """Make the archive that of the log ``identity``.

        Raises:
            ConfigError: It is that of another log.
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

    def newest_checkpoint(self) -> StoredCheckpoint | None:
        """The checkpoint added last; None before the first."""

    def read(self, first: int = 0) -> Iterator[ArchivedEntries | StoredCheckpoint]:
        """Everything that was added, in order, from the chunk that holds entry ``first`` on.

        Raises:
            IntegrityError: A chunk is damaged or missing; the message names the file and place.
        """
