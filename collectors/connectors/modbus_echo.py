"""Whether an answer fits its request, on the bytes themselves.

A Modbus answer echoes little of what was asked: on TCP transaction, unit, function and length, on
RTU unit, function and length before a checksum. All of it is compared here, without the library.
"""

from typing import Final

from collectors.source import BlockRequest

EXCEPTION_BIT: Final = 0x80
TCP_FUNCTION: Final = 7  # place of the function behind transaction, protocol, length and unit
_TCP_UNIT: Final = 6
_TCP_PROTOCOL: Final = slice(0, 4)  # transaction and protocol: the same in both directions


def bytes_due(request: BlockRequest) -> int:
    """How many data bytes the answer must hold."""
    return (request.count + 7) // 8 if request.table.holds_bits else 2 * request.count


def can_answer_tcp(received: bytes, *, sent: bytes, request: BlockRequest) -> bool:
    """Whether what came so far is the answer, or its beginning, and nothing else.

    More bytes than the head promises mean that one of the two is wrong, and there is no checksum
    to tell which.

    Args:
        received: Bytes that came since the request.
        sent: Bytes of the request.
        request: The request.
    """
    due, unit = bytes_due(request), sent[_TCP_UNIT:TCP_FUNCTION]
    begin, function = sent[_TCP_PROTOCOL], request.table.function
    answer = begin + (due + 3).to_bytes(2, "big") + unit + bytes([function, due])
    refusal = begin + (3).to_bytes(2, "big") + unit + bytes([function | EXCEPTION_BIT])
    return any(
        len(received) <= most and received.startswith(head[: len(received)])
        for head, most in ((answer, len(answer) + due), (refusal, len(refusal) + 1))
    )


def answers_rtu(received: bytes, *, body: bytes, request: BlockRequest) -> bool:
    """Whether ``body``, which passed its checksum, came from the unit that was asked.

    Noise before a frame is common on a serial line, so the frame may stand anywhere.
    """
    is_asked = body[0] & ~EXCEPTION_BIT == request.table.function
    return is_asked and bytes([request.unit]) + body in received
