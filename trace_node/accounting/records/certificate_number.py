"""The number of a certificate in the text that people write of its document."""

import re
from typing import Final

_LAST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]*\Z")
_LEAST: Final = 8
_LEAST_DIGITS: Final = 12


def certificate_number(document: str) -> str:
    """What two documents have in common when they are one certificate (绿证编号).

    The number that ends the text, ``GEC-2026-0001`` of ``绿证 GEC-2026-0001``: 8 or more letters,
    digits, ``-``, ``_`` and ``/`` with a digit and a letter among them, or 12 or more digits. Else
    the whole text, since ``contract 7`` of two suppliers is not one contract.
    """
    found = _LAST.search(document.strip())
    last = found.group() if found else ""
    digits = sum(each.isdigit() for each in last)
    has_letter = any(each.isalpha() for each in last)
    is_number = len(last) >= _LEAST and digits and (has_letter or digits >= _LEAST_DIGITS)
    return last if is_number else document.strip()
