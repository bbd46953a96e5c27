"""The footprint of a batch over a genealogy of ten levels and a thousand batches, on each engine."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from measuring import Bench, Figure
from support.builders import key
from support.footprints import emission, event, out
from support.plant import Plant, plant
from support.stores import new_store

from trace_node.accounting.activity.data import EvidenceLink
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.words import EventKind, Stage
from trace_node.record.statement import Content
from trace_node.services.footprint_forward import ForwardWalk
from trace_node.services.footprint_lineage import Lineage
from trace_node.services.footprints import FootprintDesk
from trace_node.services.log_statement import signed_statement
from trace_node.services.statement_job import StatementJob
from trace_node.services.statement_types import parse_statement

LEVELS = 10
WIDTH = 182  # not divisible by 3: then all of a level are behind the target after five
CEILING_S = 1
TONNES = 900
TARGET = f"b{LEVELS - 1}-0"


def run(bench: Bench) -> list[Figure]:
    """Log it once on each engine, then ask."""
    return [figure for engine in ("sqlite", "postgresql") for figure in _measured(engine, bench)]


def _measured(engine: str, bench: Bench) -> list[Figure]:
    with (
        tempfile.TemporaryDirectory() as folder,
        new_store(engine, Path(folder)) as store,
        plant(store) as here,
    ):
        _fill(here)
        desk = FootprintDesk(store=store, library=packaged_factors())
        walk = ForwardWalk(store)
        with store.view() as view:
            behind = len(Lineage(view, end=here.writer.snapshot.size).behind(TARGET).batches)
        note = f"{LEVELS} levels, {behind} batches behind it, each leaf hashed again"
        ahead = len(walk.of_batch("b0-0").batches)
        return [
            Figure(
                name=f"footprint of a batch, {engine}",
                unit="s",
                runs=_seconds(lambda: desk.compute(TARGET), bench.times),
                at_most=CEILING_S,
                note=note,
            ),
            Figure(
                name=f"forward from a batch, {engine}",
                unit="s",
                runs=_seconds(lambda: walk.of_batch("b0-0"), bench.times),
                note=f"{ahead} batches",
            ),
        ]


def events() -> list[BatchEvent]:
    """Many batches a level, each made of three of the level before; the first from the ground.

    Every third level is washed, the others are blended.
    """
    made = [
        event(
            f"e0-{at}",
            EventKind.EXTRACT,
            outputs=[out(f"b0-{at}", TONNES)],
            stage=Stage.MINING,
            throughput=WIDTH * TONNES,
        )
        for at in range(WIDTH)
    ]
    for level in range(1, LEVELS):
        is_washed = level % 3 == 0
        for at in range(WIDTH):
            parts = {f"b{level - 1}-{(3 * at + step) % WIDTH}": TONNES // 3 for step in range(3)}
            made.append(
                event(
                    f"e{level}-{at}",
                    EventKind.REWORK if is_washed else EventKind.BLEND,
                    parts,
                    [out(f"b{level}-{at}", TONNES)],
                    stage=Stage.WASHING if is_washed else None,
                    throughput=LEVELS * WIDTH * TONNES if is_washed else None,
                )
            )
    return made


def _fill(here: Plant) -> None:
    contents: list[Content] = []
    newest = here.writer.snapshot.size - 1
    with here.store.view() as view:
        (digest,) = view.entries.leaf_hashes(newest, newest + 1)
    leaf = EvidenceLink(index=newest, digest=digest)
    for unit, stage in (("unit-mining", Stage.MINING), ("unit-washing", Stage.WASHING)):
        stated = emission(unit, stage, {"CO2": "1000", "CH4": "50"}, u="5")
        lines = tuple(replace(line, links=(leaf,)) for line in stated.lines)
        contents.append(replace(stated, lines=lines))
    contents += events()
    jobs = []
    for content in contents:
        raw = signed_statement(content, signer=key("node"), clock=here.clock)
        jobs.append(here.writer.submit(StatementJob(raw=raw, statement=parse_statement(raw))))
    for job in jobs:
        job.result(timeout=120)


def _seconds(ask: Callable[[], object], times: int) -> list[float]:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append(time.perf_counter() - began)
    return found
