"""Act 2: trades of three kinds, with price and parties as salted commitments."""

from typing import Final

from api.cli.demo_ledger.cast import AUCTION, BLOCK, HILL, LISTED, NORTH, PRICE, RIVER, Enterprise
from api.cli.demo_ledger.world import World, tonnes
from api.cli.options import say
from trace_node.quota.ledger.kinds import Kind, Place

TRADES: Final = (
    (Kind.LISTED, RIVER, LISTED, PRICE),
    (Kind.BLOCK, HILL, BLOCK, "78"),
    (Kind.AUCTION, RIVER, AUCTION, "81"),
)


def trade(world: World) -> None:
    """Allow counterparties, bring units to trading, and carry the trades out."""
    say("2. Trades at the exchange, recorded here")
    for buyer in (RIVER, HILL):
        allow(world, NORTH, buyer)
    to_place(world, NORTH, Place.TRADING, LISTED + BLOCK + AUCTION)
    world.level()
    for kind, buyer, quantity, price in TRADES:
        sell(world, kind, buyer, quantity, price)
    world.confirm()
    for buyer, quantity in ((RIVER, LISTED + AUCTION), (HILL, BLOCK)):
        to_place(world, buyer, Place.REGISTRY, quantity)
    world.level()
    say("   price and parties are on the chain as salted digests; openings for the parties alone")


def allow(world: World, seller: Enterprise, buyer: Enterprise) -> None:
    """Put the buyer on the allow-list of the seller (交易对手白名单)."""
    world.order(
        Kind.SET_COUNTERPARTY,
        by=seller,
        source=world.holdings[seller.name],
        target=world.holdings[buyer.name],
        quantity=1,
    )


def to_place(world: World, owner: Enterprise, place: Place, quantity: int) -> None:
    """Move allowances of an enterprise between registry and exchange."""
    account = world.holdings[owner.name]
    world.order(
        Kind.MOVE,
        by=owner,
        source=account,
        target=account,
        subject=int(place),
        quantity=quantity,
        class_id=world.classes[world.code],
    )


def sell(world: World, kind: Kind, buyer: Enterprise, quantity: int, price: str) -> None:
    """A trade of north-power with a buyer; the opening of its price is kept for the two."""
    sent = world.order(
        kind,
        by=NORTH,
        source=world.holdings[NORTH.name],
        target=world.holdings[buyer.name],
        quantity=quantity,
        class_id=world.classes[world.code],
        private=(f"price={price}", f"seller={NORTH.name}", f"buyer={buyer.name}"),
    )
    opening = sent.file.with_suffix(".opening.json")
    parties = ("--party", NORTH.name, "--party", buyer.name)
    world.commands.run("registry", "keep", opening, *parties)
    say(
        "   {kind}: {seller} to {buyer}, {tonnes} t, {phase}",
        kind=kind.name,
        seller=NORTH.name,
        buyer=buyer.name,
        tonnes=tonnes(quantity),
        phase=sent.phase,
    )
