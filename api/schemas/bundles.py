"""Wire models: links to bundles and the period bundle."""

from typing import Annotated, Final

from pydantic import Field

from api.schemas.base import Index, Instant, Name, WireModel

MOST_METERS: Final = 256


class BundleLinkQuery(WireModel):
    """To which bundle.

    Attributes:
        index: Leaf index of a reading or event.
    """

    index: Index


class BundleLink(WireModel):
    """A link that opens one bundle without a token.

    Attributes:
        index: Leaf index of the entry.
        path: Path and query on this node. Whoever knows it can read the entry.
    """

    index: Index
    path: str


class PeriodBundleQuery(WireModel):
    """Which meters in which period.

    Attributes:
        meters: Names of devices; leave it out for all of the organisation.
        begin: First instant, by ``observed_at``.
        end: First instant after the last.
    """

    meters: Annotated[tuple[Name, ...], Field(strict=False, max_length=MOST_METERS)] = ()
    begin: Annotated[Instant, Field(alias="from")]
    end: Annotated[Instant, Field(alias="to")]
