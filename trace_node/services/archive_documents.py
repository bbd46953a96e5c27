"""The documents that logged records rest on, brought to the archive before those records are.

So a log that is restored from its archive has what its figures were taken from.
"""

import logging
from collections.abc import Iterable

from trace_node.accounting.footprint.supplier import SUPPLIER_FOOTPRINT, SupplierFootprint
from trace_node.ports.archive import Archive
from trace_node.ports.entries import StoredEntry
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.statement_types import parse_statement

logger = logging.getLogger(__name__)


def archive_named(archive: Archive, view: UnitOfWork, entries: Iterable[StoredEntry]) -> None:
    """Archive the documents that entries name and this node keeps.

    A document that is not kept here, such as that of another enterprise's statement, is none of
    this node's figures, and holds nothing up.
    """
    for entry in entries:
        if entry.kind != SUPPLIER_FOOTPRINT:
            continue
        told = parse_statement(entry.body).content
        if isinstance(told, SupplierFootprint) and told.document is not None:
            _archive_one(archive, view, told.document)


def archive_kept(archive: Archive, store: Store) -> None:
    """Archive the documents that are kept and not archived, as where the archive is new."""
    with store.view() as view:
        missing = [
            digest
            for digest in view.footprints.document_digests()
            if not archive.holds_document(digest)
        ]
    for digest in missing:
        with store.view() as view:
            _archive_one(archive, view, digest)
    if missing:
        logger.info("documents_archived count=%d", len(missing))


def _archive_one(archive: Archive, view: UnitOfWork, digest: bytes) -> None:
    if archive.holds_document(digest):
        return
    body = view.footprints.document(digest)
    if body is None:
        logger.warning("document_not_kept sm3=%s", digest.hex())
    else:
        archive.append_document(digest, body)
