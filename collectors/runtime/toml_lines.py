"""Find the line of a key in a TOML text, for messages: the parser does not keep it.

The search reads headers and keys line by line. It is a help for the reader of an error, not a
parser: a text over several lines that looks like a header can lead it astray, to a wrong line in a
message, never to another value.
"""

import re
from typing import Final

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\]\[]+?)\s*\]")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=\s*(\[\s*(?:#.*)?$)?")
_INLINE: Final = re.compile(r"\s*\{")

Place = tuple[str | int, ...]


class Lines:
    """Where the keys of a TOML text stand.

    Args:
        name: Name of the file, for messages.
        text: Its content.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text
        self._found: dict[Place, int] | None = None

    def of(self, place: Place) -> int:
        """The line of ``place``, or of the nearest table around it, from 1."""
        if self._found is None:
            self._found = _scan(self._text)
        while place and place not in self._found:
            place = place[:-1]
        return self._found.get(place, 1)


def _scan(text: str) -> dict[Place, int]:
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    here: Place = ()
    array: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            here = _place(header[2].split("."), array=header[1] == "[[", counts=counts)
            array = ()
            found.setdefault(here, number)
        elif key := _KEY.match(line):
            place = (*here, key[1])
            found.setdefault(place, number)
            array = place if key[2] else ()
        elif array and _INLINE.match(line):
            counts[array] = counts.get(array, -1) + 1
            found.setdefault((*array, counts[array]), number)
    return found


def _place(parts: list[str], *, array: bool, counts: dict[Place, int]) -> Place:
    """The path of a header; a further ``[[header]]`` counts its array up."""
    place: Place = ()
    for depth, part in enumerate(parts, start=1):
        place = (*place, part.strip().strip("\"'"))
        if depth == len(parts) and array:
            counts[place] = counts.get(place, -1) + 1
            return (*place, counts[place])
        if place in counts:
            place = (*place, counts[place])
    return place


def spelled(place: Place) -> str:
    """A place as it is written in messages: ``line[0].device[1].unit``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
