"""Names of stages, sides, gaps and flags in the reader's language."""

from typing import Final

from api.i18n import translations
from trace_node.accounting.footprint.parts import FlagCode, GapCode
from trace_node.accounting.footprint.words import Side, Stage


def _(text: str) -> str:
    """Mark a text for translation; it is translated where it is shown."""
    return text


_STAGES: Final = {
    Stage.MINING: _("mining"),
    Stage.WASHING: _("washing"),
    Stage.RAW_MEAL: _("raw meal"),
    Stage.CLINKER: _("clinker"),
    Stage.CEMENT: _("cement"),
    Stage.PROCESS: _("process"),
    Stage.SUPPLY: _("bought goods"),
    Stage.TRANSPORT: _("transport"),
    Stage.USE: _("use"),
}
_SIDES: Final = {
    Side.GATE: _("cradle to gate"),
    Side.DOWNSTREAM: _("behind the gate"),
}
_GAPS: Final = {
    GapCode.EMISSION: _("no emission is logged"),
    GapCode.SUPPLIER: _("the supplier told nothing"),
    GapCode.GWP_SET: _("made with another GWP set"),
    GapCode.POTENTIAL: _("no usable global warming potential"),
    GapCode.TRANSPORT: _("nothing is known of the transport"),
    GapCode.USE: _("not burnt yet"),
}

_FLAGS: Final = {
    FlagCode.DRAFT_FACTOR: _("draft factor, one source only"),
    FlagCode.PROVISIONAL: _("provisional, settled later"),
    FlagCode.DEMONSTRATION: _("for demonstration only"),
}


def stage_text(stage: Stage, language: str) -> str:
    """Name of a stage."""
    return translations(language).gettext(_STAGES[stage])


def side_text(side: Side, language: str) -> str:
    """Name of a side of the gate."""
    return translations(language).gettext(_SIDES[side])


def flag_text(code: FlagCode, language: str) -> str:
    """Why it is to be looked at twice."""
    return translations(language).gettext(_FLAGS[code])


def gap_text(code: GapCode, language: str) -> str:
    """Why there is a gap."""
    return translations(language).gettext(_GAPS[code])
