"""No more is bought out of a supplier's bundle than the batch it is of, over all purchases.

Each purchase is a batch of its own here. What they have in common is the supplier's batch, which
the bundle states with its mass; the same footprint may come in several files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import total
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.supplier import (
    BUNDLE,
    SUPPLIER_FOOTPRINT,
    SupplierFootprint,
)
from trace_node.ports.store import UnitOfWork
from trace_node.services.statement_leaves import leaves
from trace_node.services.statement_types import parse_statement
from trace_node.tlog.bundle_file import read_bundle_file
from trace_node.tlog.emission_bundle import emission_bundle_from_file

MOST_READ: Final = 8_192


@dataclass(frozen=True, slots=True)
class _Sold:
    """A supplier's batch: the log that states it, whose it is, its name."""

    origin: str
    organisation: str
    batch: str


_READ: Final[dict[bytes, tuple[_Sold, Decimal]]] = {}
"""By the digest of the document; the oldest make room."""


def require_sold(told: SupplierFootprint, work: UnitOfWork) -> None:
    """Require that the purchases out of one bundle are no more than it is of; others pass.

    A bundle whose document is not kept beside the log bounds nothing: its mass is not known here.

    Raises:
        GenealogyError: They are more; the supplier's batch and the purchases are named.
    """
    known = _Documents(work)
    found = known.sold(told)
    if found is None:
        return
    sold, mass = found
    others = [each for each in _others(told, work) if (known.sold(each) or (None,))[0] == sold]
    together = total((told.mass, *(each.mass for each in others)))
    if together > mass:
        raise GenealogyError(
            "{field}: the bundle of {sold} of {supplier} is of {mass} t; with {batch}, {together} t"
            " of it are bought, as {others} too",
            field="mass",
            sold=sold.batch,
            supplier=sold.organisation,
            mass=f"{mass:f}",
            batch=told.batch,
            together=f"{together:f}",
            others=", ".join(f"{each.batch} {each.mass:f} t" for each in others[:8]) or "-",
            remedy="correct the mass, or ask the supplier for the bundle of the other batch",
            code="footprint.supply.mass",
        )


class _Documents:
    """Reads what bundles beside the log are of, each once."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._found: dict[bytes, tuple[_Sold, Decimal] | None] = {}

    def sold(self, told: SupplierFootprint) -> tuple[_Sold, Decimal] | None:
        """The supplier's batch behind a purchase, and its mass; None where that is not known."""
        if told.source != BUNDLE or told.document is None:
            return None
        if told.document not in self._found:
            raw = self._work.footprints.document(told.document)
            self._found[told.document] = None if raw is None else _known(told.document, raw)
        return self._found[told.document]


def _known(digest: bytes, raw: bytes) -> tuple[_Sold, Decimal]:
    """What a document is of, from what was read before: the writer of the log waits for this.

    Its digest names it, so it never changes; a works that buys by the train has thousands of them.
    """
    if digest not in _READ:
        while len(_READ) >= MOST_READ:
            _READ.pop(next(iter(_READ)))
        _READ[digest] = _read(raw)
    return _READ[digest]


def _read(raw: bytes) -> tuple[_Sold, Decimal]:
    """Of a bundle that was verified when it was taken in."""
    bundle = emission_bundle_from_file(read_bundle_file(raw))
    body = next(each.body for each in bundle.leaves if each.index == bundle.emission)
    record = parse_statement(body).content
    assert isinstance(record, FootprintRecord)  # noqa: S101 (it was verified as one)
    origin = bundle.checkpoint.partition("\n")[0]
    sold = _Sold(origin=origin, organisation=record.organisation, batch=record.batch)
    return sold, record.mass


def _others(told: SupplierFootprint, work: UnitOfWork) -> Iterator[SupplierFootprint]:
    """The newest word on every other purchase of the product, of whichever organisation."""
    newest: dict[str, SupplierFootprint] = {}
    for leaf in leaves(work, SUPPLIER_FOOTPRINT):
        if isinstance(leaf.content, SupplierFootprint):
            newest[leaf.content.topic] = leaf.content
    for topic, each in newest.items():
        if topic != told.topic and each.product == told.product:
            yield each
