"""The archive against the database: the same entries, the same checkpoints, in step."""

from trace_node.errors import TraceNodeError
from trace_node.ports.archive import Archive, ArchivedEntries, ArchivedEvidence
from trace_node.ports.entries import StoredCheckpoint
from trace_node.ports.store import Store
from trace_node.services.fsck_report import Findings


def check_archive(archive: Archive, store: Store, *, signed: int, found: Findings) -> None:
    """Compare everything in the archive with the database.

    Args:
        archive: The archive; it need not be open for writing.
        store: The database.
        signed: Size of a checkpoint that was signed before this began: the archive must reach it.
            The newest one may be newer than what is read of the archive.
        found: Where problems go.
    """
    try:
        identity = archive.identity()
        if identity != store.identity:
            found.add("archive_identity", "the archive is that of another log, or of none")
            return
        before = _stated(archive)
        reached = sealed = evidence = 0
        for item in archive.read():
            if isinstance(item, ArchivedEntries):
                reached = item.end
                _compare_entries(item, store, found)
            elif isinstance(item, StoredCheckpoint):
                sealed = item.size
                _compare_checkpoint(item, store, found)
            else:
                evidence += _compare_evidence(item, evidence, store, found)
            if found.is_full:
                return
        read = (reached, sealed, evidence)
        # A node at work adds to the archive meanwhile; where none is, the three are equal.
        if not all(a <= b <= c for a, b, c in zip(before, read, _stated(archive), strict=True)):
            found.add(
                "archive_head",
                "head.json of the archive counts other entries, checkpoints or conflicts than its"
                " segments hold",
            )
    except TraceNodeError as error:
        found.add_error("archive", error)
        return
    if reached < signed:
        found.add(
            "archive_short",
            "entries from {index} on are signed for and not in the archive",
            index=reached,
        )


def _stated(archive: Archive) -> tuple[int, int, int]:
    return archive.size(), archive.checkpoint_size(), archive.evidence_count()


def _compare_entries(piece: ArchivedEntries, store: Store, found: Findings) -> None:
    with store.view() as view:
        stored = view.entries.bodies(piece.first_index, piece.end)
    found.count("archived", len(piece.bodies))
    if list(stored) == list(piece.bodies):
        return
    for index, body in enumerate(piece.bodies, piece.first_index):
        place = index - piece.first_index
        if place >= len(stored) or stored[place] != body:
            found.add(
                "archive_entry",
                "entry {index}: the archive holds other bytes than the database",
                index=index,
            )


def _compare_evidence(archived: ArchivedEvidence, place: int, store: Store, found: Findings) -> int:
    """Compare conflicts, and return how many there were."""
    count = len(archived.conflicts)
    with store.view() as view:
        stored = view.evidence.conflicts_from(place, limit=count)
    if list(stored) != list(archived.conflicts):
        found.add(
            "archive_evidence",
            "the archive holds other evidence than the database from the conflict {place} on",
            place=place,
        )
    return count


def _compare_checkpoint(archived: StoredCheckpoint, store: Store, found: Findings) -> None:
    with store.view() as view:
        stored = view.checkpoints.of_size(archived.size)
    # Cosignatures are added to the note in the database after it was archived.
    if stored is None or (stored.root, stored.sealed_at) != (archived.root, archived.sealed_at):
        found.add(
            "archive_checkpoint",
            "the archive holds a checkpoint of {size} leaves that the database does not hold",
            size=archived.size,
        )
