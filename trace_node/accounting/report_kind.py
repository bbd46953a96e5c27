"""What a report may be used for."""

from enum import StrEnum


class ReportKind(StrEnum):
    """What a report may be used for.

    Attributes:
        COMPLIANCE: Handed to an authority or a verifier: nothing unapproved is in it.
        INTERNAL: For the enterprise itself; what is unapproved is flagged.
        DEMONSTRATION: Shows the product; every page says that it is no statement of emissions.
    """

    COMPLIANCE = "compliance"
    INTERNAL = "internal"
    DEMONSTRATION = "demonstration"
