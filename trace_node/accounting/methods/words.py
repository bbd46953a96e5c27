"""The words of method files."""

from enum import StrEnum


class SymbolSource(StrEnum):
    """Where the value of a symbol comes from.

    Attributes:
        ACTIVITY: Activity data (活动数据) of the case.
        FACTOR: A factor: of the case where the method lets it, else of the factor library.
        CONSTANT: A constant of the method.
        PARAMETER: An option of the method.
        REQUIRED: Given with its evidence; no source has a default.
    """

    ACTIVITY = "activity"
    FACTOR = "factor"
    CONSTANT = "constant"
    PARAMETER = "parameter"
    REQUIRED = "required"


class Choice(StrEnum):
    """Which of the possible values of a parameter was taken.

    Attributes:
        MEASURED: Measured and traceable (实测值).
        SUPPLIER: Document of the supplier (供应商).
        DEFAULT: Default of the method, from the factor library (缺省值).
        FORMULA: Computed from other symbols.
        CONSERVATIVE: The method's value for missing data (保守值).
    """

    MEASURED = "measured"
    SUPPLIER = "supplier"
    DEFAULT = "default"
    FORMULA = "formula"
    CONSERVATIVE = "conservative"


class Mark(StrEnum):
    """How well the text of a term is known (证据标记).

    Attributes:
        OFFICIAL: Wording of the official document.
        TRANSCRIBED: A public transcription.
        LISTED: Only the list of terms is known.
        UNCONFIRMED: No source text at hand.
        PRODUCT: A choice of the product; no standard decides it.
    """

    OFFICIAL = "O"
    TRANSCRIBED = "T"
    LISTED = "L"
    UNCONFIRMED = "U"
    PRODUCT = "P"

    @property
    def needs_approval(self) -> bool:
        """Whether a person has to approve it before it counts for compliance."""
        return self in {Mark.LISTED, Mark.UNCONFIRMED, Mark.PRODUCT}


class Purpose(StrEnum):
    """What a total is for; a figure serves one purpose only.

    Attributes:
        ETS: The national carbon market (碳市场).
        ENTERPRISE: Greenhouse-gas inventory of the enterprise (企业盘查).
        ISO14064: Inventory in the six categories of ISO 14064-1.
        FOOTPRINT: Product carbon footprint (产品碳足迹).
        AUXILIARY: A reported quantity that is no total of any of these (辅助报告项).
    """

    ETS = "ets"
    ENTERPRISE = "enterprise"
    ISO14064 = "iso14064"
    FOOTPRINT = "footprint"
    AUXILIARY = "auxiliary"


class Role(StrEnum):
    """What a term is in a total.

    Attributes:
        EMISSION: An emission, or a deduction the method itself takes off.
        SINK: A carbon sink (碳汇): shown beside, never netted into a figure of the market.
    """

    EMISSION = "emission"
    SINK = "sink"


class RoundMode(StrEnum):
    """How a rounding point rounds.

    Attributes:
        HALF_UP: 四舍五入.
        FLOOR: Down.
    """

    HALF_UP = "half_up"
    FLOOR = "floor"


class Severity(StrEnum):
    """How much a non-conformity weighs.

    Attributes:
        FAULT: The figure is wrong until it is settled.
        WARNING: Outside what experience expects.
    """

    FAULT = "fault"
    WARNING = "warning"


class Use(StrEnum):
    """What a figure is computed for.

    Attributes:
        INTERNAL: Drafts are used and flagged.
        COMPLIANCE: Drafts and unconfirmed terms need a logged approval.
    """

    INTERNAL = "internal"
    COMPLIANCE = "compliance"
