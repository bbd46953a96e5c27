"""What is wrong with accounts, amounts and lots."""

from typing import Final

from chain.refusals.row import Refusal

ROWS: Final = (
    Refusal(
        error="UnknownAccount(uint64 account)",
        field="account",
        template="{field}: there is no account {account}",
        remedy="check the number",
    ),
    Refusal(
        error="AccountFrozen(uint64 account)",
        field="account",
        template="{field}: account {account} is frozen",
        remedy="ask the regulator; another regulator's officer thaws it",
    ),
    Refusal(
        error="AccountIsClosed(uint64 account)",
        field="account",
        template="{field}: account {account} is closed for good",
        remedy="use another account",
    ),
    Refusal(
        error="WrongAccountKind(uint64 account,uint8 accountKind)",
        field="account",
        template="{field}: account {account} is of kind {accountKind}, which this does not allow",
        remedy="use an account of a kind that fits; see docs/spec/allowance-registry.md",
    ),
    Refusal(
        error="WrongAccountStatus(uint64 account,uint8 status)",
        field="account",
        template="{field}: account {account} is {status}, which this does not allow",
        remedy="freeze it before it is closed; a closed account stays closed",
    ),
    Refusal(
        error="SameAccount(uint64 account)",
        field="to",
        template="{field}: account {account} cannot deal with itself",
        remedy="name another account",
    ),
    Refusal(
        error="SameOrganisation(uint64 account)",
        field="to",
        template="{field}: account {account} is of the same organisation: nobody pledges to itself",
        remedy="name the account of the pledgee",
    ),
    Refusal(
        error="AnotherOrganisation(uint64 account,uint64 organisation)",
        field="account",
        template="{field}: account {account} is of another organisation ({organisation})",
        remedy="use accounts of one organisation, or make a trade",
    ),
    Refusal(
        error="CounterpartyNotAllowed(uint64 account,uint64 counterparty)",
        field="to",
        template="{field}: account {counterparty} is not on the allow-list of account {account}",
        remedy="put it on the list by an order SET_COUNTERPARTY first",
    ),
    Refusal(
        error="AccountNotBound(uint64 account)",
        field="from",
        template="{field}: the CCER account {account} is bound to no holding account",
        remedy="let an officer of the registry bind it: AccessRegistry.bindAccount",
    ),
    Refusal(
        error="ZeroAmount()",
        field="quantity",
        template="{field}: zero tonnes cannot be moved",
        remedy="write whole tonnes as digits, from 1 to 1000000000000",
    ),
    Refusal(
        error="NegativeAmount(uint256 amount)",
        field="quantity",
        template="{field}: {amount} is a negative amount",
        remedy="write whole tonnes as digits, from 1 to 1000000000000",
    ),
    Refusal(
        error="AmountTooLarge(uint256 amount)",
        field="quantity",
        template="{field}: {amount} is too large",
        remedy="write whole tonnes as digits, from 1 to 1000000000000",
    ),
    Refusal(
        error="NoLots()",
        field="parts",
        template="{field}: the order names no lots",
        remedy="name the lots it takes",
    ),
    Refusal(
        error="TooManyLots(uint256 given,uint256 most)",
        field="parts",
        template="{field}: names {given} lots, at most {most} go into such an order",
        remedy="make several orders",
    ),
    Refusal(
        error="LotsNotAscending(uint64 lotId)",
        field="parts",
        template="{field}: lot {lotId} is not greater than the one before it",
        remedy="name lots in ascending order, each once",
    ),
    Refusal(
        error="UnknownLot(uint64 lotId)",
        field="parts",
        template="{field}: there is no lot {lotId}",
        remedy="check the number: trace-node ledger lots",
    ),
    Refusal(
        error="NotInAccount(uint64 lotId,uint64 account)",
        field="parts",
        template="{field}: lot {lotId} is in account {account}",
        remedy="name lots of the account the order is from",
    ),
    Refusal(
        error="InsufficientLot(uint64 lotId,uint64 available,uint256 asked)",
        field="parts",
        template="{field}: lot {lotId} holds {available} t, the order asks for {asked} t",
        remedy="ask for less, or take a further lot",
    ),
    Refusal(
        error="LotReserved(uint64 lotId,uint64 order)",
        field="parts",
        template="{field}: lot {lotId} is reserved by open order number {order}",
        remedy="take other lots, or wait until that order has ended",
    ),
    Refusal(
        error="WrongPlace(uint64 lotId,uint8 place)",
        field="parts",
        template="{field}: lot {lotId} stands in {place}, where this kind of order takes none",
        remedy="move it first, or take another lot",
    ),
    Refusal(
        error="WrongHold(uint64 lotId,uint8 hold,uint64 subject)",
        field="parts",
        template="{field}: lot {lotId} is bound by {hold} for {subject}",
        remedy="take lots that are bound as this kind of order needs it",
    ),
    Refusal(
        error="WrongClass(uint64 lotId,uint32 classId)",
        field="parts",
        template="{field}: lot {lotId} is of class {classId}, which does not fit",
        remedy="take lots of the class that is asked for",
    ),
    Refusal(
        error="UnknownClass(uint64 classId)",
        field="subject",
        template="{field}: there is no class {classId} of units, or not of such units",
        remedy="register the class (vintage) first, or correct its number",
    ),
    Refusal(
        error="ClassExists(uint32 classId)",
        field="registry_number",
        template="{field}: a class with this code is there: {classId}",
        remedy="use that class, or another code",
    ),
    Refusal(
        error="UnknownInstrument(uint64 instrument)",
        field="subject",
        template="{field}: there is no instrument {instrument}",
        remedy="use 1 (allowance), 2 (CCER) or 3 (other)",
    ),
    Refusal(
        error="UnknownPlace(uint64 place)",
        field="subject",
        template="{field}: lots are not moved to place {place}",
        remedy="use 1 (registry) or 2 (trading)",
    ),
    Refusal(
        error="QuantityMismatch(uint256 parts,uint256 quantity)",
        field="quantity",
        template="{field}: is {quantity}, the parts add up to {parts}",
        remedy="make the quantity the sum of the parts",
    ),
    Refusal(
        error="NotShort(uint64 account,uint64 available)",
        field="parts",
        template="{field}: account {account} still holds {available} t of the class",
        remedy="take these too; only what is then missing becomes an arrear",
    ),
)
