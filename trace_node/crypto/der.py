"""The part of DER (ITU-T X.690) that key files need, read strictly."""

from trace_node.crypto.errors import KeyFormatError

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_ID = 0x06
SEQUENCE = 0x30
SET = 0x31
CONTEXT_0 = 0xA0
CONTEXT_1 = 0xA1

_LONG_FORM = 0x80
_MAX_LENGTH_BYTES = 2  # 65,535: far above any key file


def element(tag: int, *parts: bytes) -> bytes:
    """Write one element whose content is the parts in order."""
    content = b"".join(parts)
    size = len(content)
    if size < _LONG_FORM:
        return bytes((tag, size)) + content
    size_bytes = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(size_bytes))) + size_bytes + content


def integer(number: int) -> bytes:
    """Write an INTEGER that is not negative."""
    return element(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def object_id(dotted: str) -> bytes:
    """Write an OBJECT IDENTIFIER given in dotted form."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = b"".join(_base128(arc) for arc in (40 * first + second, *rest))
    return element(OBJECT_ID, content)


class Reader:
    """Reads elements one after the other from bytes that were bounded before.

    Args:
        data: The bytes.
        what: What they are, for the error.
    """

    def __init__(self, data: bytes, *, what: str) -> None:
        self._data = data
        self._what = what
        self._position = 0

    def at(self, tag: int) -> bool:
        """Whether the next element has this tag."""
        return self._data[self._position : self._position + 1] == bytes((tag,))

    def content(self, tag: int) -> bytes:
        """Read the next element, which must have this tag, and return its content.

        Raises:
            KeyFormatError: Another tag, an indefinite or over-long length, or too few bytes.
        """
        if not self.at(tag):
            raise self._error(f"expected the tag {tag:02x}")
        start = self._position + 2
        length = self._byte(self._position + 1)
        if length >= _LONG_FORM:
            count = length - _LONG_FORM
            if not 1 <= count <= _MAX_LENGTH_BYTES:
                raise self._error("a length that is not supported")
            length = int.from_bytes(self._data[start : start + count], "big")
            start += count
            if length < _LONG_FORM or length.bit_length() <= 8 * (count - 1):
                raise self._error("a length that is not in its shortest form")
        if start + length > len(self._data):
            raise self._error("ends inside an element")
        self._position = start + length
        return self._data[start : self._position]

    def inside(self, tag: int) -> "Reader":
        """Read the next element, which must have this tag, and return a reader of its content.

        Raises:
            KeyFormatError: See ``content``.
        """
        return Reader(self.content(tag), what=self._what)

    def integer(self) -> int:
        """Read an INTEGER that is not negative and in its shortest form.

        Raises:
            KeyFormatError: It is not that.
        """
        content = self.content(INTEGER)
        number = int.from_bytes(content, "big", signed=True)
        if number < 0 or integer(number) != element(INTEGER, content):
            raise self._error("an integer that is negative or not in its shortest form")
        return number

    def object_id(self) -> bytes:
        """Read an OBJECT IDENTIFIER; returns the whole element, to compare with ``object_id``.

        Raises:
            KeyFormatError: It is not one.
        """
        return element(OBJECT_ID, self.content(OBJECT_ID))

    def end(self) -> None:
        """Require that nothing follows.

        Raises:
            KeyFormatError: Something does.
        """
        if self._position != len(self._data):
            raise self._error("bytes follow the last element")

    def _byte(self, position: int) -> int:
        if position >= len(self._data):
            raise self._error("ends inside an element")
        return self._data[position]

    def _error(self, detail: str) -> KeyFormatError:
        return KeyFormatError(
            "{field}: not valid DER: {detail}",
            field=self._what,
            detail=detail,
            code="input.key.der",
        )


def _base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(_LONG_FORM | number & 0x7F)
    return bytes(reversed(digits))
