"""The embedded chain as a child process, so that EVM work never holds the parent's interpreter.

This module does not load py-evm.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from threading import Timer
from typing import Any, Final, Self

from chain.embedded.errors import ChainFileError

START_SECONDS: Final = 60.0
CHECKED_BYTES_PER_SECOND: Final = 1_000_000  # every page is checked first; a poor disk reads so
OWNER_SECONDS: Final = 30  # a chain whose node was killed ends after its running call
_STOP_SECONDS: Final = 15.0
_MAX_LINE: Final = 4096


class EmbeddedChild:
    """A running ``python -m chain.embedded``; it ends with this process even when that is killed.

    Args:
        path: The chain file; made when it does not exist.
        chain_id: Expected chain id; see ``EmbeddedChain``.
        senders: 20-byte addresses that may send; ``None`` lets every address send.
        port: TCP port on 127.0.0.1; 0 takes a free one.
        start_seconds: How long it may take until it answers, besides waiting for another owner of
            the file, and checking it, for which it is given time by the file's size.

    Attributes:
        url: Where it answers JSON-RPC.
        chain_id: The chain's id.

    Raises:
        ChainFileError: It refused to start, or did not start in time; the error carries the
            child's own code, message and remedy.
    """

    def __init__(
        self,
        path: Path,
        *,
        chain_id: int | None = None,
        senders: Iterable[bytes] | None = None,
        port: int = 0,
        start_seconds: float = START_SECONDS,
    ) -> None:
        command = [sys.executable, "-m", "chain.embedded", str(path), "--until-stdin-closes"]
        command += ["--port", str(port), "--wait", str(OWNER_SECONDS)]
        if chain_id is not None:
            command += ["--chain-id", str(chain_id)]
        if senders is None:
            command.append("--any-sender")
        for sender in senders or ():
            command += ["--sender", "0x" + sender.hex()]
        self.process = subprocess.Popen(  # noqa: S603  our own module, arguments as a list
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # Ctrl-C is for the parent, which ends the chain after its own work
        )
        try:
            before = OWNER_SECONDS + _size(path) / CHECKED_BYTES_PER_SECOND
            self.url, self.chain_id = self._await_ready(path, start_seconds + before)
        except BaseException:
            self.stop()
            raise

    def _await_ready(self, path: Path, start_seconds: float) -> tuple[str, int]:
        assert self.process.stdout is not None  # noqa: S101  opened above
        deadline = Timer(start_seconds, self.process.kill)
        deadline.start()
        try:
            line = self.process.stdout.readline(_MAX_LINE)
        finally:
            deadline.cancel()
        announced = _parse(line)
        if "url" in announced:
            return str(announced["url"]), int(announced["chain_id"])
        if "code" in announced:
            raise ChainFileError(
                "{detail}",
                field="path",
                detail=str(announced["message"]),
                remedy="{cure}",
                cure=str(announced["remedy"]),
                code=str(announced["code"]),
            )
        raise ChainFileError(
            "{field}: the embedded chain did not start within {seconds} s",
            field=str(path),
            seconds=round(start_seconds),
            remedy="see the standard error above, or start it by hand: python -m chain.embedded",
            code="chain.embedded.start",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Tell it to stop and wait for it; kill it when it does not. A second call does nothing."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _size(path: Path) -> int:
    """Bytes of the file; 0 when it is to be made, or cannot be seen, which the child will tell."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _parse(line: bytes) -> dict[str, Any]:
    """What the child announced; nothing when it died before, or within the line."""
    try:
        announced = json.loads(line)
    except ValueError:
        return {}
    return announced if isinstance(announced, dict) else {}
