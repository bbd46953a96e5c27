"""The archive against the database: the same entries, the same checkpoints, in step."""

from collections.abc import Sequence
from functools import partial

from trace_node.accounting.footprint.supplier import SUPPLIER_FOOTPRINT, SupplierFootprint
from trace_node.errors import TraceNodeError
from trace_node.ports.archive import Archive, ArchivedEntries, ArchivedEvidence
from trace_node.ports.entries import StoredCheckpoint
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.fsck_report import Findings
from trace_node.services.fsck_rows import in_parts
from trace_node.services.statement_leaves import leaves

_MANY = 4096  # entries or checkpoints compared at a time


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
        _check_documents(archive, store, signed=signed, found=found)
        before = _stated(archive)
        read = _compare(archive, store, found)
        if found.is_full:
            return
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
    reached = read[0]
    if reached < signed:
        found.add(
            "archive_short",
            "entries from {index} on are signed for and not in the archive",
            index=reached,
        )


def _check_documents(archive: Archive, store: Store, *, signed: int, found: Findings) -> None:
    """The documents of the database are archived as far as the log is, and are the same."""
    for digest, body in archive.documents():
        found.count("documents", 1)
        with store.view() as view:
            kept = view.footprints.document(digest)
        if kept != body:
            found.add(
                "archive_document",
                "the document {sm3} of the archive is missing in the database, or another there",
                sm3=digest.hex(),
            )
    with store.view() as view:
        kept_here = set(view.footprints.document_digests())
        for leaf in leaves(view, SUPPLIER_FOOTPRINT):
            told = leaf.content
            assert isinstance(told, SupplierFootprint)  # noqa: S101 (by kind)
            is_due = leaf.logged.index < signed and told.document in kept_here
            if is_due and told.document and not archive.holds_document(told.document):
                found.add(
                    "archive_document",
                    "entry {index}: the document {sm3} that it rests on is not in the archive",
                    index=leaf.logged.index,
                    sm3=told.document.hex(),
                )


def _stated(archive: Archive) -> tuple[int, int, int]:
    return archive.size(), archive.checkpoint_size(), archive.evidence_count()


def _compare(archive: Archive, store: Store, found: Findings) -> tuple[int, int, int]:
    """Compare what the segments hold; returns how far entries, checkpoints and evidence go."""
    reached = sealed = evidence = 0
    entries, checkpoints = _Entries(store, found), _Checkpoints(store, found)
    try:
        for item in archive.read():
            if isinstance(item, ArchivedEntries):
                reached = item.end
                entries.add(item)
            elif isinstance(item, StoredCheckpoint):
                sealed = item.size
                checkpoints.add(item)
            else:
                evidence += _compare_evidence(item, evidence, store, found)
            if found.is_full:
                break
    finally:  # where the archive breaks off, what came before it counts
        entries.compare()
        checkpoints.compare()
    return reached, sealed, evidence


class _Entries:
    """Gathers archived entries, so that they are looked up by thousands."""

    def __init__(self, store: Store, found: Findings) -> None:
        self._store = store
        self._found = found
        self._first = 0
        self._bodies: list[bytes] = []

    def add(self, piece: ArchivedEntries) -> None:
        """Take in a piece."""
        if piece.first_index != self._first + len(self._bodies) or len(self._bodies) >= _MANY:
            self.compare()
            self._first = piece.first_index
        self._bodies += piece.bodies

    def compare(self) -> None:
        """Compare what was gathered."""
        first, bodies = self._first, self._bodies
        self._first, self._bodies = first + len(bodies), []
        self._found.count("archived", len(bodies))

        def check(view: UnitOfWork, begin: int, end: int) -> None:
            archived = bodies[begin - first : end - first]
            if list(view.entries.bodies(begin, end)) == archived:
                return
            stored = {entry.index: entry.body for entry in view.entries.read(begin, end)}
            for index, body in enumerate(archived, begin):
                if stored.get(index) != body:
                    self._found.add(
                        "archive_entry",
                        "entry {index}: the archive holds other bytes than the database",
                        index=index,
                    )

        if bodies:
            in_parts(self._store, first, first + len(bodies), check, found=self._found)


class _Checkpoints:
    """Gathers archived checkpoints likewise; their sizes grow."""

    def __init__(self, store: Store, found: Findings) -> None:
        self._store = store
        self._found = found
        self._gathered: list[StoredCheckpoint] = []

    def add(self, checkpoint: StoredCheckpoint) -> None:
        """Take in a checkpoint."""
        self._gathered.append(checkpoint)
        if len(self._gathered) >= _MANY:
            self.compare()

    def compare(self) -> None:
        """Compare what was gathered."""
        gathered, self._gathered = self._gathered, []
        if gathered:
            check = partial(self._check, gathered)
            above, last = gathered[0].size - 1, gathered[-1].size
            in_parts(self._store, above, last, check, found=self._found)

    def _check(
        self, gathered: Sequence[StoredCheckpoint], view: UnitOfWork, above: int, last: int
    ) -> None:
        page = view.checkpoints.read(above=above, until=last, limit=last - above)
        stored = {item.size: (item.root, item.sealed_at) for item in page}
        for item in gathered:
            # Cosignatures are added to the note in the database after it was archived.
            if above < item.size <= last and stored.get(item.size) != (item.root, item.sealed_at):
                self._found.add(
                    "archive_checkpoint",
                    "the archive holds a checkpoint of {size} leaves that the database does not"
                    " hold",
                    size=item.size,
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
