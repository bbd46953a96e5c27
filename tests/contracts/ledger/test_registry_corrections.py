"""Drafts of corrections on the contract itself: it takes them, and holds what the registry holds."""

from support.ledger import Ledger, Parties
from support.ledger_copies import Prepared
from support.ledger_orders import CHAIN_ID, Kind, Order, Place, digest
from support.registry_files import statement

from trace_node.quota.ledger import kinds, order
from trace_node.quota.registry.compare import compare
from trace_node.quota.registry.corrections import Frame, draft_corrections
from trace_node.quota.registry.ledger_side import LedgerAccount, LedgerLot
from trace_node.quota.registry.statement import RegistryStatement, number_digest

PRODUCT = "CEA24"


def ledger_lots(ledger: Ledger, numbers: list[int]) -> list[LedgerLot]:
    """Lots as the contract tells them."""
    lots = []
    for number in numbers:
        content = ledger.lot(number)
        lots.append(
            LedgerLot(
                number=number,
                account=content["account"],
                product=PRODUCT,
                place=kinds.Place(content["place"]),
                first_serial=content["firstSerial"],
                quantity=content["quantity"],
                registry_number=bytes(content["registryNumber"]),
                reserved=bool(content["order"]),
            )
        )
    return lots


def signed(draft: order.Order) -> Order:
    """The same order, as the support of the contracts signs it."""
    return Order(
        kind=Kind(draft.kind),
        source=draft.source,
        to=draft.target,
        subject=draft.subject,
        parts=tuple((part.lot, part.quantity) for part in draft.parts),
        quantity=draft.quantity,
        commitment=draft.commitment,
        registry_number=draft.registry_number,
        reason=draft.reason,
        not_before=draft.not_before,
        deadline=draft.deadline,
        chain_id=draft.chain_id,
        order_id=draft.order_id,
        own_id=False,  # the draft's own must be one that the contract takes
    )


def correct(ledger: Ledger, own: Parties, lots: list[int], *told: RegistryStatement) -> list[Kind]:
    """Draft, sign and carry out; the kinds of what was drafted."""
    known = ledger_lots(ledger, lots)
    accounts = [
        LedgerAccount(number=number, kind=kinds.AccountKind.HOLDING, registry_number=name)
        for number, name in (
            (own.seller, number_digest("ACC-1")),
            (own.buyer, number_digest("ACC-2")),
        )
    ]
    found = compare(told, accounts=accounts, lots=known, references={})
    drafts, undrafted = draft_corrections(
        found.differences,
        ended=[lot for lot in known if not lot.place.held],
        frame=Frame(
            chain_id=CHAIN_ID,
            cancellation=own.cancellation,
            deadline=Order(kind=Kind.LISTED).deadline,
            evidence=digest(f"files {own.class_id}"),
        ),
    )
    assert not undrafted
    for draft in drafts:
        ledger.run(signed(draft))
    return [Kind(draft.kind) for draft in drafts]


def told(account: str, *rows: tuple[int, int], number: str = "ST-1") -> RegistryStatement:
    lines = [(PRODUCT, "registry", first, last) for first, last in rows]
    return statement(lines, account=account, number=number)


def test_tonnes_are_moved_and_removed_as_the_registry_has_them(ledger: Ledger) -> None:
    """The ledger has 1,000 and 200 with the seller; the registry 600 there and 300 with the buyer."""
    own = Parties(ledger)
    lots = [own.lot(1_000), own.lot(200)]
    mine, other = told("ACC-1", (1, 600)), told("ACC-2", (601, 900), number="ST-2")
    done = correct(ledger, own, lots, mine, other)
    assert sorted(done) == [Kind.CORRECT_MOVE, Kind.CORRECT_REMOVE]
    assert ledger.balance(own.seller, own.class_id) == (600, 0, 0, 0)
    assert ledger.balance(own.buyer, own.class_id) == (300, 0, 0, 0)
    assert ledger.class_of(own.class_id)["cancelled"] == 300


def test_a_lot_at_another_place_comes_back_to_the_registry(prepared: Prepared) -> None:
    own = prepared(Parties)
    ledger = own.ledger
    lots = [own.lot(500, trading=True)]
    assert ledger.balance(own.seller, own.class_id) == (0, 500, 0, 0)
    assert correct(ledger, own, lots, told("ACC-1", (1, 500))) == [Kind.CORRECT_MOVE]
    assert ledger.balance(own.seller, own.class_id) == (500, 0, 0, 0)


def test_what_was_surrendered_here_alone_is_owed_again(prepared: Prepared) -> None:
    own = prepared(Parties)
    ledger = own.ledger
    ledger.common_rules(2025)
    ledger.admit(own.class_id, 2025, 1)
    obligation = ledger.oblige(own.seller_organisation, 2025, 400)
    lot = own.lot(400)
    ledger.run(
        Order(kind=Kind.SURRENDER, source=own.seller, subject=obligation, parts=((lot, 400),))
    )
    assert ledger.lot(lot)["place"] == Place.SURRENDERED
    assert correct(ledger, own, [lot], told("ACC-1", (1, 400))) == [Kind.CORRECT_RESTORE]
    assert ledger.balance(own.seller, own.class_id) == (400, 0, 0, 0)
    assert ledger.obligation(obligation)["surrendered"] == 0
