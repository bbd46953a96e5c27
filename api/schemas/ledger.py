"""Wire models: what is told of orders, balances, lots and obligations of the ledger."""

from typing import Annotated

from pydantic import Field

from api.schemas.base import Time, WireModel

Hex32 = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$", examples=["0x" + "ab" * 32])]
Address = Annotated[str, Field(examples=["0x1a642f0e3c3af545e7acbd38b07251b3990914f1"])]
Tonnes = Annotated[int, Field(description="Whole tonnes of CO2 equivalent", examples=[500])]


class MirrorState(WireModel):
    """How far the copy of the chain has come from which an answer was taken.

    Attributes:
        height: Newest block that is applied.
        block_hash: Its hash.
        chain_head: Newest block of the chain when it was last asked.
        final: Newest final block then; null when none was.
        lag: Blocks that are not applied yet.
        level_at: When the copy was last level with the chain; null for never.
        orders_stopped: Why no order is taken: ``difference``, ``deep_reorg`` or ``rebuild``; empty
            while orders are.
        legal_record: That the national registries are the legal record.
    """

    height: int
    block_hash: Hex32
    chain_head: int
    final: int | None
    lag: int
    level_at: Time | None
    orders_stopped: str
    legal_record: str


class PartRow(WireModel):
    """A quantity of one lot."""

    lot: int
    quantity: Tonnes


class OrderRow(WireModel):
    """An order and how far it has come.

    Attributes:
        order_id: Its id.
        phase: ``signed``, ``refused``, ``submitted``, ``proposed``, ``approved``, ``executed``,
            ``unconfirmed``, ``confirmed``, ``cancelled`` or ``expired``.
        final: It has ended, in a block that can no longer be taken back.
        reason: Dotted code of the newest refusal; empty when there is none.
        detail: The refusal in words.
        kind: Name of its kind.
        source: Account whose lots are moved; 0 without.
        target: Account that receives; 0 without.
        subject: Class, obligation, arrear, place or instrument, by kind; 0 without.
        parts: Its lots.
        quantity: Whole tonnes, or what the kind says.
        not_before: First time at which it may be executed; null for at once.
        deadline: Last time at which it may be used.
        signers: Address of each signer, by what the signature says.
        registry_number: Digest of the number of the registry or the exchange; null while there is
            none.
        transaction: Transaction of the newest step that this node sent; null without.
        block: Its block; null while it is in none.
    """

    order_id: Hex32
    phase: str
    final: bool
    reason: str
    detail: str
    kind: str
    source: Annotated[int, Field(serialization_alias="from")]
    target: Annotated[int, Field(serialization_alias="to")]
    subject: int
    parts: tuple[PartRow, ...]
    quantity: Tonnes
    not_before: Time | None
    deadline: Time
    signers: dict[str, Address]
    registry_number: Hex32 | None
    transaction: Hex32 | None
    block: int | None


class OrderAnswer(WireModel):
    """An order as it was taken.

    Attributes:
        order: The order.
        mirror: State of the copy.
    """

    order: OrderRow
    mirror: MirrorState


class Orders(WireModel):
    """Orders, newest first.

    Attributes:
        orders: The orders.
        mirror: State of the copy.
    """

    orders: tuple[OrderRow, ...]
    mirror: MirrorState


class ClassBalanceRow(WireModel):
    """What an account holds of one class, by place.

    Attributes:
        class_id: Number of the class.
        code: Its code, such as ``CEA25``.
        instrument: ``ALLOWANCE``, ``CCER`` or ``OTHER``.
        vintage: Year of the units.
        registry: In the registry, free to be used.
        trading: In the trading system.
        frozen: Frozen, pledged or set aside.
        pending: Set aside for an offset that was applied for.
        total: All of it.
    """

    class_id: int
    code: str
    instrument: str
    vintage: int
    registry: Tonnes
    trading: Tonnes
    frozen: Tonnes
    pending: Tonnes
    total: Tonnes


class AccountRow(WireModel):
    """An account and what it holds.

    Attributes:
        account: Its number.
        organisation: Number of its organisation.
        kind: Kind of the account.
        status: ``ACTIVE``, ``FROZEN`` or ``CLOSED``.
        delay: Seconds that its approved orders wait.
        balances: By class; classes of which it holds nothing are left out.
    """

    account: int
    organisation: int
    kind: str
    status: str
    delay: int
    balances: tuple[ClassBalanceRow, ...]


class Balances(WireModel):
    """Balances of accounts.

    Attributes:
        accounts: The accounts.
        mirror: State of the copy.
    """

    accounts: tuple[AccountRow, ...]
    mirror: MirrorState


class LotRow(WireModel):
    """A lot.

    Attributes:
        lot: Its number.
        class_id: Number of its class.
        place: Where it stands.
        hold: What binds it; ``NONE`` when nothing does.
        subject: Obligation or account that it is bound for; 0 without.
        first_serial: First serial of its range.
        quantity: Length of its range.
        reserved_by: Number of the open order that reserves it; null while it is free.
        registry_number: Digest of its serial range in the national registry; null without.
    """

    lot: int
    class_id: int
    place: str
    hold: str
    subject: int
    first_serial: int
    quantity: Tonnes
    reserved_by: int | None
    registry_number: Hex32 | None


class Lots(WireModel):
    """Lots of an account.

    Attributes:
        lots: The lots.
        mirror: State of the copy.
    """

    lots: tuple[LotRow, ...]
    mirror: MirrorState


class ObligationRow(WireModel):
    """An obligation and what was handed in for it.

    Attributes:
        obligation: Its number.
        organisation: Number of the organisation.
        year: Obligation year.
        sector: Number of the sector.
        tonnes: What is owed in all.
        surrendered: What was surrendered.
        cap: Most offsets that count.
        offset_reserved: Offsets frozen, pending or used.
        offset_used: Offsets used.
        outstanding: What is still owed.
    """

    obligation: int
    organisation: int
    year: int
    sector: int
    tonnes: Tonnes
    surrendered: Tonnes
    cap: Tonnes
    offset_reserved: Tonnes
    offset_used: Tonnes
    outstanding: Tonnes


class Obligations(WireModel):
    """Obligations.

    Attributes:
        obligations: The obligations.
        mirror: State of the copy.
    """

    obligations: tuple[ObligationRow, ...]
    mirror: MirrorState
