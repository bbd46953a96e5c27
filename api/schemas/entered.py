"""Wire models of what accounting rests on: factors, methods, laboratory records, entries."""

from typing import Annotated, Final, Literal

from pydantic import Field

from api.schemas.base import Digest, Index, WireModel

MOST: Final = 1_000
Most = Annotated[int, Field(ge=1, le=MOST)]
Text = Annotated[str, Field(max_length=120)]


class FactorsQuery(WireModel):
    """Which factors; all that are left out permit any.

    Attributes:
        scheme: Guideline or series.
        kind: What they say, such as ``ncv``.
        substance: Fuel, material, gas or product.
        status: Their status.
        row: Id of one row.
        after: Behind this id.
        limit: At most so many.
    """

    scheme: Text | None = None
    kind: Text | None = None
    substance: Text | None = None
    status: Literal["active", "draft", "superseded", "forbidden"] | None = None
    row: Text | None = None
    after: Text = ""
    limit: Most = MOST


class Factor(WireModel):
    """A factor and how it stands.

    Attributes:
        row: The row as it is hashed.
        digest: Its digest.
        status: Status in the library; ``superseded`` once another row took its place.
        approval: Leaf by which this organisation may use a draft; None without.
        leaf: Leaf in which this organisation entered it; None of a row of the package.
    """

    row: dict[str, object]
    digest: Digest
    status: str
    approval: Index | None
    leaf: Index | None


class Factors(WireModel):
    """Factors by id."""

    factors: tuple[Factor, ...]


class MethodsQuery(WireModel):
    """Which methods.

    Attributes:
        method: One version as ``id@version``; all if left out.
    """

    method: Text | None = None


class Method(WireModel):
    """A version of a method.

    Attributes:
        method: ``id@version``.
        title_zh: Chinese title.
        title_en: English title.
        source: Document and clause.
        digest: Its digest.
        leaf: Leaf of its release; None where it came with the program and was not released.
        unconfirmed: Terms whose text is not confirmed, which need an approval for compliance.
        definition: The definition in full; None in a list.
    """

    method: str
    title_zh: str
    title_en: str
    source: str
    digest: Digest
    leaf: Index | None
    unconfirmed: tuple[str, ...]
    definition: dict[str, object] | None = None


class Methods(WireModel):
    """Methods by name and version."""

    methods: tuple[Method, ...]


class EnteredQuery(WireModel):
    """Which records.

    Attributes:
        topic: What they are about; all if left out.
        only_holding: Leave out what a later record corrected.
        after: Behind this leaf.
        limit: At most so many.
    """

    topic: Annotated[str, Field(max_length=300)] | None = None
    only_holding: bool = False
    after: Annotated[int, Field(ge=-1)] = -1
    limit: Most = MOST


class Finding(WireModel):
    """What a person has to settle."""

    code: str
    message: str


class Entered(WireModel):
    """A record that somebody entered.

    Attributes:
        index: Its leaf index.
        digest: Its record digest.
        topic: What it is about.
        signed_by: Key id of the signer.
        holds: Whether no later record of the topic corrects it.
        anchored_on: Day of China on which it was anchored; None while it is not.
        record: What it says.
        findings: Days out of order, samples dated anew.
    """

    index: Index
    digest: Digest
    topic: str
    signed_by: str
    holds: bool
    anchored_on: str | None
    record: dict[str, object]
    findings: tuple[Finding, ...]


class EnteredList(WireModel):
    """Records in the order of the log."""

    records: tuple[Entered, ...]
