"""What a trace of system calls says about the disk: was everything synced before it was promised?

``kill -9`` loses nothing that was written, synced or not; a power cut does. So the calls
themselves are read: at every answer, no file may hold writes that no sync has followed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LINE = re.compile(r"^(?P<thread>\d+) +(?P<call>\w+)\((?P<given>.*)$")
RESUMED = re.compile(r"^(?P<thread>\d+) +<\.\.\. (?P<call>\w+) resumed>(?P<given>.*)$")
FILE = re.compile(r"^\d+<(?P<path>[^>]*)>")
NAMES = re.compile(r'"(?P<path>[^"]*)"')
WRITES = {"write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate"}
SYNCS = {"fsync", "fdatasync"}
RENAMES = {"rename", "renameat", "renameat2", "link", "linkat"}
ANSWER = "sendto"
SAYS = re.compile(r'^\d+<[^>]*>, "\{')  # JSON; event loops wake themselves by the same call
VOLATILE = "-shm"  # SQLite makes its index of the WAL anew after a power cut


@dataclass
class Disk:
    """Which files below a folder hold writes that are not synced.

    Attributes:
        folder: Only files below it count.
        writes: How often each was written to.
        synced: How many of these writes a sync has followed.
        begun: By thread, the file that it syncs, and its writes when that began.
    """

    folder: Path
    writes: dict[str, int] = field(default_factory=dict)
    synced: dict[str, int] = field(default_factory=dict)
    begun: dict[str, tuple[str, int]] = field(default_factory=dict)

    def take(self, thread: str, call: str, given: str) -> None:
        """Take in a call that begins, and ends unless it says otherwise."""
        if call in RENAMES:
            target = NAMES.findall(given)[-1]
            self._write(str(Path(target).parent))
        elif found := FILE.match(given):
            if call in WRITES:
                self._write(found["path"])
            elif call in SYNCS:
                self.begun[thread] = found["path"], self.writes.get(found["path"], 0)
                if "<unfinished" not in given:
                    self.end(thread, given)

    def end(self, thread: str, given: str) -> None:
        """A sync of that thread has ended."""
        path, count = self.begun.pop(thread)
        if given.rstrip().endswith("= 0"):
            self.synced[path] = max(self.synced.get(path, 0), count)

    def unsynced(self) -> list[str]:
        """The names of files with writes that no sync has followed."""
        return sorted(
            Path(path).name
            for path, count in self.writes.items()
            if count > self.synced.get(path, 0)
        )

    def _write(self, path: str) -> None:
        if Path(path).is_relative_to(self.folder) and not path.endswith(VOLATILE):
            self.writes[path] = self.writes.get(path, 0) + 1


def unsynced_at_answers(trace: Path, folder: Path) -> Iterator[list[str]]:
    """For each answer in a trace, the files in ``folder`` whose writes were not synced by then."""
    disk = Disk(folder)
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        if found := LINE.match(line):
            if found["call"] == ANSWER and SAYS.match(found["given"]):
                yield disk.unsynced()
            else:
                disk.take(found["thread"], found["call"], found["given"])
        elif (found := RESUMED.match(line)) and found["thread"] in disk.begun:
            disk.end(found["thread"], found["given"])
