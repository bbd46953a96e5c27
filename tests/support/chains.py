"""Embedded chains that are not the child of a node."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def outside_chain(file: Path, port: int = 0) -> Iterator[str]:
    """Serve a chain to any sender while the block lasts; it goes on where it stopped."""
    command = [sys.executable, "-m", "chain.embedded", str(file), "--any-sender"]
    process = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
