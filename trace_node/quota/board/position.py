"""What the mirror of the ledger says of one organisation at one block (持仓)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trace_node.canonical_json import JsonObject
from trace_node.ids import to_base64url
from trace_node.quota.board.figure import Source, SourceKind
from trace_node.quota.ledger.kinds import Admission, Instrument, Kind
from trace_node.quota.ledger.shapes import SHAPES
from trace_node.quota.ledger.state import ArrearContent, Balance, ObligationContent

MOST_UNCONFIRMED = 100
# Orders that no registry and no exchange answers to.
UNANSWERED = frozenset(kind for kind, shape in SHAPES.items() if not shape.confirmed)
ISSUING = frozenset({Kind.PRE_ALLOCATE, Kind.ISSUE})
# Orders after which what an organisation holds of a class is what it was.
UNMOVING = frozenset(
    {
        *(Kind.MOVE, Kind.FREEZE, Kind.UNFREEZE, Kind.PLEDGE, Kind.UNPLEDGE),
        *(Kind.OFFSET_FREEZE, Kind.OFFSET_PENDING, Kind.OFFSET_RELEASE),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMark:
    """The block that a position is of.

    Attributes:
        height: Height of the mirror.
        block_hash: 32 bytes.
        time: Seconds since the epoch by the block.
        final: Whether the block can no longer be taken back.
        head: Newest block of the chain when it was last asked.
        stopped: Why no order may be sent on the word of the mirror, such as ``difference``; empty
            while orders may be sent.
    """

    height: int
    block_hash: bytes
    time: int
    final: bool
    head: int
    stopped: str = ""

    def to_json(self) -> JsonObject:
        """What is shown."""
        return {
            "final": self.final,
            "head": self.head,
            "height": self.height,
            "stopped": self.stopped,
            "time": self.time,
        }

    def source(self) -> Source:
        """The source that the mirror is."""
        return Source(
            kind=SourceKind.MIRROR, ref=str(self.height), digest=to_base64url(self.block_hash)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleNumber:
    """The number of a rule on the ledger that holds now (链上规则).

    Attributes:
        rule: Its id as text, such as ``offset-cap-bps``.
        year: The year it is of.
        version: Its version, from 1.
        number: The number, in the unit of the rule.
        digest: 32-byte digest of the rule's record.
        draft: It is a draft whose use was released.
    """

    rule: str
    year: int
    version: int
    number: int
    digest: bytes
    draft: bool

    def source(self) -> Source:
        """The source that the rule is."""
        return Source(
            kind=SourceKind.LEDGER_RULE,
            ref=f"{self.rule}/{self.year}@{self.version}",
            digest=to_base64url(self.digest),
            draft=self.draft,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassHolding:
    """What an organisation holds of one class, over all its accounts (某类产品持有量).

    Attributes:
        class_id: Number of the class.
        code: Its code, such as ``CEA25``.
        instrument: Allowance, CCER or other.
        vintage: Year of the class.
        balance: Whole tonnes by place.
    """

    class_id: int
    code: str
    instrument: Instrument
    vintage: int
    balance: Balance

    @property
    def free(self) -> int:
        """Tonnes that can be handed in: in the registry, or back from trading."""
        return self.balance.registry + self.balance.trading

    def source(self) -> Source:
        """The source that the holding is."""
        return Source(kind=SourceKind.HOLDING, ref=self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationLine:
    """An obligation on the ledger (清缴义务).

    Attributes:
        number: Its number.
        content: What it says.
        leaf: 32-byte digest of the leaf of the verified figure behind it.
    """

    number: int
    content: ObligationContent
    leaf: bytes

    def source(self) -> Source:
        """The source that the obligation is."""
        return Source(
            kind=SourceKind.OBLIGATION, ref=str(self.number), digest=to_base64url(self.leaf)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearLine:
    """Units that are owed back (欠缴).

    Attributes:
        number: Its number.
        vintage: Year of the class that is owed.
        content: What it says.
    """

    number: int
    vintage: int
    content: ArrearContent

    def source(self) -> Source:
        """The source that the arrear is."""
        return Source(kind=SourceKind.ARREAR, ref=str(self.number))


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPosition:
    """Everything the board takes from the mirror, of one organisation at one block.

    Attributes:
        organisation: Number of the organisation on the ledger.
        mark: The block.
        holdings: By class, of every class that it holds or that was issued to it.
        obligations: Of all years, in the order of their numbers.
        arrears: With something open.
        admissions: Rule of admission by class and obligation year, where one holds.
        deadlines: Rule of the surrender deadline by year, where one holds; seconds since the epoch.
        caps: Rule of the CCER cap by year, where one holds; basis points.
        issued: Whole tonnes issued to the organisation by class, less what was clawed back.
        unconfirmed: Ids of executed orders that touched its accounts and carry no number of the
            registry or exchange yet; 32 bytes each, the newest 100.
        provincial: Of what is held, whole tonnes on the provincial account: the province hands them
            in, not the enterprise.
    """

    organisation: int
    mark: LedgerMark
    holdings: tuple[ClassHolding, ...] = ()
    obligations: tuple[ObligationLine, ...] = ()
    arrears: tuple[ArrearLine, ...] = ()
    admissions: Mapping[tuple[int, int], RuleNumber] = field(default_factory=dict)
    deadlines: Mapping[int, RuleNumber] = field(default_factory=dict)
    caps: Mapping[int, RuleNumber] = field(default_factory=dict)
    issued: Mapping[int, int] = field(default_factory=dict)
    unconfirmed: tuple[bytes, ...] = ()
    provincial: int = 0

    def of_year(self, year: int) -> tuple[ObligationLine, ...]:
        """Obligations of one year: one for each covered sector."""
        return tuple(line for line in self.obligations if line.content.year == year)

    def admission(self, class_id: int, year: int) -> Admission | None:
        """How a class may serve a year; None where the ledger has no rule that holds."""
        rule = self.admissions.get((class_id, year))
        return None if rule is None else Admission(rule.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What the orders of one kind moved in one month (某月某类指令的变动).

    Attributes:
        year: Civil year in China.
        month: 1 to 12.
        kind: What the orders did.
        class_id: Class that was moved.
        instrument: Of the class.
        received: Whole tonnes that came to the organisation's accounts.
        given: Whole tonnes that left them, or came to an end there.
        unconfirmed: Of both, what moved under an order without a number of the registry.
    """

    year: int
    month: int
    kind: Kind
    class_id: int
    instrument: Instrument
    received: int
    given: int
    unconfirmed: int
