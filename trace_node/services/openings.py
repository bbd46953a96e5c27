"""Keep openings of commitments, and show them to the parties and the regulator alone."""

from collections.abc import Sequence
from typing import ClassVar, Final

from trace_node.clock import Clock
from trace_node.errors import AccessError, ConflictError, NotFoundError
from trace_node.ids import require_name
from trace_node.ports.ledger_mirror import LedgerMirror
from trace_node.ports.market import StoredOpening
from trace_node.ports.store import Store
from trace_node.quota.commitment import Opening, parse_opening, require_opens

_MILLISECOND_US: Final = 1000


class OpeningAccessError(AccessError):
    """The caller is neither a party of the trade nor the regulator."""

    code: ClassVar[str] = "access.opening"


def keep_opening(
    raw: bytes, *, parties: Sequence[str], store: Store, holdings: LedgerMirror, clock: Clock
) -> StoredOpening:
    """Keep an opening for its parties; the same again changes nothing.

    Args:
        raw: Canonical JSON of the opening.
        parties: Organisations that may read it, as tokens name them.
        store: Where it is kept.
        holdings: The ledger's mirror, to compare it with its order where it has that.
        clock: Time.

    Raises:
        OpeningError: It has not the form.
        CommitmentError: The ledger's order of that id holds another commitment.
        ConflictError: The same opening is kept for other parties.
    """
    opening = parse_opening(raw)
    names = tuple(sorted({require_name(name, field="party") for name in parties}))
    if holdings.identity() is not None:
        with holdings.view() as view:
            order = view.order(opening.order_id)
        if order is not None:
            require_opens(opening, order.content.commitment)
    now = clock.now()
    stored = StoredOpening(
        commitment=opening.commitment,
        order_id=opening.order_id,
        body=raw,
        parties=names,
        kept_at=now.replace(microsecond=now.microsecond // _MILLISECOND_US * _MILLISECOND_US),
    )
    with store.unit_of_work() as work:
        if work.openings.add(stored):
            return stored
        kept = work.openings.get(stored.commitment)
    if kept is None or kept.parties != names:
        raise ConflictError(
            "{field}: the opening is kept for other parties already",
            field="party",
            remedy="name the parties that were named first",
            code="opening.parties",
        )
    return kept


def read_opening(
    commitment: bytes, *, organisation: str | None, is_regulator: bool, store: Store
) -> Opening:
    """The opening of a commitment, for a caller who may see it.

    Args:
        commitment: 32 bytes.
        organisation: Organisation of the caller; None for one without.
        is_regulator: Whether the caller is the regulator.
        store: Where it is kept.

    Raises:
        NotFoundError: It is not kept here.
        OpeningAccessError: The caller is neither a party nor the regulator.
        CommitmentError: What is kept was altered.
    """
    with store.view() as view:
        kept = view.openings.get(commitment)
    if kept is None:
        raise NotFoundError(
            "{field}: no opening of {commitment} is kept here",
            field="commitment",
            commitment=commitment.hex(),
            remedy="ask a party of the trade for it",
            code="not_found.opening",
        )
    if not is_regulator and (organisation is None or organisation not in kept.parties):
        raise OpeningAccessError(
            "{field}: price and counterparties are for the parties and the regulator",
            field="commitment",
            remedy="use a token of a party's organisation or of the regulator",
        )
    opening = parse_opening(kept.body)
    require_opens(opening, commitment)
    return opening
