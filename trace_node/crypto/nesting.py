"""How deep calls may nest in a process that has imported py_ecc."""

import sys

# What the machine of the embedded chain asks for, and enough for py_ecc's powers; a thread's
# stack holds more.
DEPTH = 12_288


def bound_nesting() -> None:
    """Undo what importing py_ecc does to the recursion limit, whoever imports more of it later.

    It sets 100,000 calls, at which nested JSON of a stranger overflows the stack and ends the
    process (CPython 3.11 of Debian 12). It does so once, when it is first imported; so that is
    done here, before py-evm, eth-account or the BLS back end do it.
    """
    import py_ecc  # noqa: F401, PLC0415 -- for its effect, and only where the rest of it is used

    sys.setrecursionlimit(DEPTH)
