"""An event and the state it touches become changed rows and double-entry postings (复式记账).

Nothing here knows SQL or the chain: the mirror, a test and an outside reader come to the same state
by the same function. Balances are never told by an event; they are the sums of postings.
"""

from collections.abc import Mapping

from trace_node.quota.ledger import (
    effects_access,
    effects_lots,
    effects_obligations,
    effects_orders,
    effects_rules,
)
from trace_node.quota.ledger.effect import (
    Change,
    Effect,
    Handler,
    Known,
    MirrorEventError,
    balance_of,
)
from trace_node.quota.ledger.events import PlacedEvent
from trace_node.quota.ledger.kinds import Place
from trace_node.quota.ledger.rows import Table

HANDLERS: Mapping[type, Handler] = {
    **effects_access.HANDLERS,
    **effects_rules.HANDLERS,
    **effects_lots.HANDLERS,
    **effects_obligations.HANDLERS,
    **effects_orders.HANDLERS,
}


def effect_of(event: PlacedEvent, known: Known) -> Effect:
    """What an event does to the state before it, balances included.

    Raises:
        MirrorEventError: It does not follow from that state; nothing may be applied.
    """
    content = event.content
    effect = HANDLERS[type(content)](content, event, known)
    if not effect.postings:
        return effect
    if sum(posting.tonnes for posting in effect.postings):
        raise MirrorEventError(
            "the postings of event {number} of {book} do not add up to nothing",
            number=content.sequence,
            book=event.book.name,
        )
    balances = _balances(event, effect, known)
    return Effect((*effect.changes, *balances), effect.postings)


def _balances(event: PlacedEvent, effect: Effect, known: Known) -> list[Change]:
    """The cells after the postings; no cell but that of what was issued is ever below 0."""
    changes = []
    for posting in effect.postings:
        key = (posting.account, posting.class_id, posting.place)
        tonnes = balance_of(known, key) + posting.tonnes
        if (tonnes > 0) is (posting.place is Place.NONE) and tonnes:
            raise MirrorEventError(
                "event {number} of {book} leaves {tonnes} t in cell {cell}",
                number=event.content.sequence,
                book=event.book.name,
                tonnes=tonnes,
                cell=str(key),
                remedy="build the mirror anew: trace-node ledger rebuild",
            )
        changes.append(Change(Table.BALANCES, key, tonnes))
    return changes
