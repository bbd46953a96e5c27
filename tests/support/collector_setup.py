"""Folders with everything a collector needs, for tests that run a whole one."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from collectors.runtime.assembly import assemble
from collectors.runtime.collector import Collector
from collectors.runtime.config_reader import load_point_list
from collectors.runtime.settings import load_settings, passphrase_of
from collectors.table import open_source
from trace_node.clock import SystemClock
from trace_node.crypto import keys
from trace_node.crypto.sm2 import PrivateKey

ROOT = Path(__file__).resolve().parents[2]
PLANT = ROOT / "infra" / "plant"
PASSPHRASE = "only for tests"  # noqa: S105 - of a key made for one test


def make_folder(folder: Path, *, points: str, node_url: str, extra: str = "") -> PrivateKey:
    """Write point list, key, passphrase and collector.toml into ``folder``; give the key."""
    folder.mkdir(parents=True, exist_ok=True)
    key = keys.generate()
    keys.save(folder / "collector.key", key, PASSPHRASE)
    (folder / "passphrase").write_text(PASSPHRASE)
    (folder / "points.toml").write_text(points)
    (folder / "collector.toml").write_text(
        f"""format = "collector@1"
passphrase_file = "passphrase"
commit_delay = "10ms"
{extra}
[[destination]]
name = "node"
url = "{node_url}"
log = "plant-a"
origin = "trace-node.local/plant-a/sm3"
linger = "100ms"
timeout = "5s"
state_interval = "200ms"
"""
    )
    return key


def collector_of(folder: Path) -> Collector:
    settings = load_settings(folder)
    signer = keys.load(settings.key, passphrase_of(settings))
    points = load_point_list(settings.points)
    return Collector(assemble(settings, points, signer, clock=SystemClock(), factory=open_source))


async def collect_until(
    folder: Path, condition: Callable[[], bool], *, seconds: float = 20
) -> Collector:
    """Run a collector until ``condition`` holds, then stop it in good order."""
    collector = collector_of(folder)
    running = asyncio.create_task(collector.run())
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition() and not running.done():
        assert asyncio.get_running_loop().time() < deadline, "the condition never held"
        await asyncio.sleep(0.02)
    collector.stop()
    await running
    return collector


async def drain(folder: Path) -> None:
    """Run a collector with ``--drain``."""
    await collector_of(folder).run(drain=True)
