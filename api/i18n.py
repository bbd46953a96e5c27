"""Messages in the reader's language: gettext over the English templates of the code.

The English text is the message id, so a missing translation shows English, never an empty line.
"""

import gettext
import os
from functools import cache
from importlib.resources import as_file, files

from trace_node.errors import TraceNodeError

LANGUAGES = ("zh_CN", "en")
_DOMAIN = "trace_node"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of ``language``; English, the language of the code, needs none."""
    if language == "en":
        return gettext.NullTranslations()
    with as_file(files("api") / "locale") as folder:
        return gettext.translation(_DOMAIN, localedir=folder, languages=[language])


def choose(preference: str | None) -> str:
    """The best language for an ``Accept-Language`` header or a locale name; English by default."""
    for part in (preference or "").split(","):
        tag = part.split(";")[0].strip().lower().replace("_", "-")
        if tag.startswith("zh"):
            return "zh_CN"
        if tag.startswith("en"):
            return "en"
    return "en"


def of_environment() -> str:
    """The language of the command line: ``TN_LANG``, then ``LC_ALL``, ``LC_MESSAGES``, ``LANG``."""
    for name in ("TN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return choose(value)
    return "en"


def message_of(error: TraceNodeError, language: str) -> str:
    """The error's message in ``language``, its parameters filled in."""
    return translations(language).gettext(error.template).format(**error.params)


def remedy_of(error: TraceNodeError, language: str) -> str:
    """What the reader can do about the error, in ``language``; empty when nothing is known."""
    if not error.remedy_template:
        return ""
    return translations(language).gettext(error.remedy_template).format(**error.params)
