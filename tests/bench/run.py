"""Run the benchmarks: ``make bench [ARGS="--only NAME --quick --json FILE"]``.

Figures depend on the machine, so nothing here fails because of them: floors are compared and told,
and the results go to docs/benchmarks.md by hand.
"""

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import measuring
from measuring import ROOT, Bench, Figure

BENCHMARKS = {
    "crypto": "SM3 and SM2 providers side by side",
    "trees": "Merkle trees side by side: ours, pymerkle, merkletools, on the same leaves",
    "ingest": "signed batches to committed leaves, in process",
    "http": "signed batches and single deliveries over HTTP, to a whole node",
    "interop": "single opaque entries over HTTP, at 1, 8, 64 and 256 connections",
    "chain": "the embedded chain: plain writes, anchors with their proof on chain, anvil beside it",
    "ledger": "orders over HTTP to final, one client and a hundred",
    "memory": "memory of the node at a million leaves",
    "proofs": "inclusion proofs from stored tiles, and their verification",
    "fsck": "check of the whole log",
    "verify": "check of a proof bundle by a fresh process",
    "mirror": "the mirror of the ledger: backfill on both engines, questions about many lots",
    "accounting": "a million increments to a year's inventory, a year's figure computed again",
    "footprint": "the footprint of a batch over ten levels and a thousand batches",
    "report": "the report of a year of a plant with 100 sources",
    "modbus": "500 Modbus devices of 30 points, each second",
}
HEAD = "| what | median | runs | floor | | conditions |\n|---|---|---|---|---|---|"


def main() -> None:
    """Read the command line and run."""
    given = _arguments()
    names = given.only or list(BENCHMARKS)
    folder = Path(tempfile.mkdtemp(prefix="trace-node-bench-", dir=given.folder))
    try:
        bench = Bench(folder=folder, quick=given.quick, times=1 if given.quick else given.runs)
        around = measuring.conditions(folder)
        for name, value in around.items():
            print(f"{name}: {value}")
        results = {name: _run(name, bench) for name in names}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if given.json:
        figures = {name: [_plain(figure) for figure in found] for name, found in results.items()}
        text = json.dumps({"conditions": around, "figures": figures}, indent=1, ensure_ascii=False)
        given.json.write_text(text + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description="Measure, and compare with the floors.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:10}{text}" for name, text in BENCHMARKS.items()),
    )
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="run this; repeatable")
    parser.add_argument("--quick", action="store_true", help="only show that they work")
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement (3)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--folder", type=Path, help="put files here instead of the temporary folder"
    )
    return parser.parse_args()


def _run(name: str, bench: Bench) -> list[Figure]:
    print(
        f"\n### {name}: {BENCHMARKS[name]}\n\nload average before: {measuring.load()}\n", flush=True
    )
    figures: list[Figure] = import_module(f"bench_{name}").run(bench)
    print(HEAD)
    for figure in figures:
        print(figure.row())
    print(f"\nload average after: {measuring.load()}", flush=True)
    return figures


def _plain(figure: Figure) -> dict[str, object]:
    return asdict(figure) | {"median": figure.median, "met": figure.is_met}


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    main()
