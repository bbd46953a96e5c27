"""What an alert says: a sentence for people in their language, and the whole of it for programs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from api.i18n import translations
from trace_node import canonical_json
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.quota.board.alert import Alert, AlertKind


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown."""
    return text


LEVELS: Final = MappingProxyType(
    {
        "green": _("green level"),
        "yellow": _("yellow level"),
        "orange": _("orange level"),
        "red": _("red level"),
    }
)
REASONS: Final = MappingProxyType(
    {
        "lasts": _("what is available lasts for the whole year"),
        "runs_short": _("expected emission comes close to what is available"),
        "not_enough": _("expected emission is more than what is available"),
        "far_too_little": _("much more is needed than is available"),
        "exhausted": _("more was emitted already than is available"),
        "not_surrendered": _(
            "the obligation is covered and not surrendered, and its deadline nears"
        ),
        "short": _("less is held than is owed"),
        "deadline_near": _("less is held than is owed, and the deadline is near"),
        "overdue": _("the deadline has passed and something is still owed"),
        "arrears": _("something is owed from before"),
        "rising": _("emission has risen for several months running"),
    }
)
_SUBJECT: Final = _("{organisation}, obligation year {year}: {level}")
_LINE: Final = _("{organisation}, obligation year {year}: {level}, because {reason}.")
_FIGURES: Final = MappingProxyType(
    {
        "expected": _("expected emission: {value} {unit} ({standing})"),
        "available": _("available: {value} {unit} ({standing})"),
        "balance": _("surplus, or below zero shortfall: {value} {unit} ({standing})"),
        "outstanding": _("still owed: {value} {unit} ({standing})"),
        "open": _("owed from before: {value} {unit} ({standing})"),
        "before": _("emission before the rise: {value} {unit} ({standing})"),
        "now": _("emission of the last month: {value} {unit} ({standing})"),
    }
)
_EXHAUSTED: Final = _("used up on {day}")
_DEADLINE: Final = _("deadline: {day}")
_ACKNOWLEDGE: Final = _("It is sent again until somebody acknowledges it: alert {number}.")
_LEGAL: Final = _("The registries of the national market are the legal record, not this message.")
STANDINGS: Final = MappingProxyType(
    {
        "verified": _("verified figure"),
        "unconfirmed": _("unconfirmed figure"),
        "provisional": _("provisional figure"),
        "estimate": _("estimated figure"),
    }
)


def subject_of(alert: Alert, language: str) -> str:
    """One line that says which board turned which colour."""
    gettext = translations(language).gettext
    return gettext(_SUBJECT).format(**_place(alert, language))


def text_of(alert: Alert, language: str) -> str:
    """The alert for people, some lines."""
    gettext = translations(language).gettext
    draft = alert.draft
    reason = gettext(REASONS[draft.reason])
    lines = [gettext(_LINE).format(**_place(alert, language), reason=reason)]
    lines += [
        gettext(template).format(**_shown(value, language))
        for name, template in _FIGURES.items()
        if isinstance(value := draft.detail.get(name), dict)
    ]
    for name, template in (("exhausted_on", _EXHAUSTED), ("deadline", _DEADLINE)):
        if isinstance(day := draft.detail.get(name), str):
            lines.append(gettext(template).format(day=day))
    if draft.repeats:
        lines.append(gettext(_ACKNOWLEDGE).format(number=alert.number))
    lines.append(gettext(_LEGAL))
    return "\n".join(lines) + "\n"


def body_of(alert: Alert, *, attempt: int, origin: str, language: str) -> bytes:
    """The alert for programs: canonical JSON, so that the same alert has the same bytes."""
    draft = alert.draft
    body: JsonObject = {
        "alert": alert.number,
        "attempt": attempt,
        "detail": draft.detail,
        "kind": draft.kind.value,
        "level": draft.level.value,
        "log": origin,
        "organisation": draft.organisation,
        "raised_at": draft.raised_at.isoformat(),
        "reason": draft.reason,
        "repeats": draft.repeats,
        "text": text_of(alert, language),
        "type": "board-alert@1",
        "year": draft.year,
    }
    return canonical_json.encode(body)


def _place(alert: Alert, language: str) -> Mapping[str, object]:
    draft = alert.draft
    level = translations(language).gettext(LEVELS[draft.level.value])
    if draft.kind is AlertKind.TREND:
        level = translations(language).gettext(REASONS["rising"])
    return {"organisation": draft.organisation, "year": draft.year, "level": level}


def _shown(figure: Mapping[str, JsonValue], language: str) -> Mapping[str, object]:
    standing = STANDINGS[str(figure["standing"])]
    return {
        "value": figure["value"],
        "unit": figure["unit"],
        "standing": translations(language).gettext(standing),
    }
