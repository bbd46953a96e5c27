"""The number of a certificate in the text that people write of its document."""

import re
import unicodedata
from typing import Final

_LAST: Final = re.compile(r"([a-z0-9][a-z0-9/_-]*)[^a-z0-9]*\Z")
_LEAST: Final = 8
_LEAST_DIGITS: Final = 12


def certificate_number(document: str) -> str:
    """What two documents have in common when they are one certificate (绿证编号).

    The last number of the text, ``gec-2026-0001`` of ``绿证 GEC-2026-0001（副本）``: 8 or more
    letters, digits, ``-``, ``_`` and ``/`` with a digit and a letter among them, or 12 or more
    digits; only other scripts and marks may follow it. Else the whole text, since ``contract 7`` of
    two suppliers is not one contract. Capitals and full-width forms are no other number.
    """
    text = in_one_form(document).strip()
    found = _LAST.search(text)
    last = found.group(1).rstrip("/_-") if found else ""
    digits = sum(each.isdigit() for each in last)
    has_letter = any(each.isalpha() for each in last)
    is_number = len(last) >= _LEAST and digits and (has_letter or digits >= _LEAST_DIGITS)
    return last if is_number else text


def in_one_form(text: str) -> str:
    """A text as numbers are compared in it: half-width (NFKC), without capitals."""
    return unicodedata.normalize("NFKC", text).casefold()
