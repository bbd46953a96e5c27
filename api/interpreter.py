"""The interpreter of a process that serves: many short waits for its lock, and a large heap."""

import gc
import sys
from typing import Final

SWITCH_S: Final = 0.0005
NEW_OBJECTS: Final = 100_000
YOUNG_ROUNDS, MIDDLE_ROUNDS = 50, 100


def tune_for_serving() -> None:
    """Set the interpreter up for a server; call it once, after the modules are loaded.

    A thread that comes back from the database or the disk waits up to the switch interval for the
    interpreter's lock; a commit comes back a dozen times. The collector of cycles walks the heap,
    which is large here and has few cycles, so it comes less often and leaves aside what is there.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(NEW_OBJECTS, YOUNG_ROUNDS, MIDDLE_ROUNDS)
    gc.collect()
    gc.freeze()
