"""What was imported, opened and disclosed beside the log, as services see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A registry's statement as it was imported (登记结算报表); it never changes.

    Attributes:
        digest: 32-byte SM3 of the bytes.
        registry: ``allowance`` or ``ccer``.
        kind: ``holdings`` or ``transactions``.
        account: Account number in that registry.
        number: Number of the statement.
        version: 1 for the first file of this number, counted up by each other file.
        as_of: Instant the statement holds for.
        imported_at: Node clock; whole milliseconds.
        form: ``csv`` or ``xlsx``.
        body: The bytes.
    """

    digest: bytes
    registry: str
    kind: str
    account: str
    number: str
    version: int
    as_of: datetime
    imported_at: datetime
    form: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryReference:
    """A range of the registry's serials (登记序列号区间).

    Attributes:
        digest: 32 bytes, as a lot carries it on the chain.
        product: Code of the class.
        first: First serial.
        last: Last serial.
    """

    digest: bytes
    product: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOpening:
    """The opening of a commitment, kept by the parties and the regulator alone (承诺开启值).

    Attributes:
        commitment: 32 bytes, as on the chain.
        order_id: 32 bytes.
        body: Canonical JSON of the opening.
        parties: Organisations that may read it.
        kept_at: Node clock; whole milliseconds.
    """

    commitment: bytes
    order_id: bytes
    body: bytes
    parties: tuple[str, ...]
    kept_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What is shown of a product and month without a token (公开披露).

    Attributes:
        product: Code of the class.
        month: First day of the month.
        trades: Number of trades.
        volume: Whole tonnes.
        amount: Sum of price times tonnes, CNY.
        published_at: Node clock; whole milliseconds.
    """

    product: str
    month: date
    trades: int
    volume: int
    amount: Decimal
    published_at: datetime


class ImportedFiles(Protocol):
    """What was imported; nothing of it is ever changed or deleted."""

    def add(self, file: ImportedFile) -> None:
        """Keep a file."""

    def by_digest(self, digest: bytes) -> ImportedFile | None:
        """The file of that digest; None when it was not imported."""

    def latest(self, *, registry: str, kind: str, account: str, number: str) -> ImportedFile | None:
        """The newest version of one statement; None before the first."""

    def newest(
        self, *, registry: str, kind: str, account: str | None = None
    ) -> Sequence[ImportedFile]:
        """For each account its file of the latest instant; of several the newest version."""

    def add_references(self, references: Sequence[RegistryReference]) -> None:
        """Remember which ranges digests stand for; those that are known already stay."""

    def references(self) -> Sequence[RegistryReference]:
        """Every range that is known."""

    def listed(self, *, limit: int) -> Sequence[ImportedFile]:
        """The files imported last, newest first."""


class Openings(Protocol):
    """Openings of commitments."""

    def add(self, opening: StoredOpening) -> bool:
        """Keep one; return whether it is new."""

    def get(self, commitment: bytes) -> StoredOpening | None:
        """The opening of a commitment; None when it is not kept here."""


class Disclosures(Protocol):
    """What was published."""

    def add(self, disclosure: Disclosure) -> None:
        """Publish."""

    def all(self, *, product: str | None = None) -> Sequence[Disclosure]:
        """Everything that was published, by month and product; of one product if named."""
