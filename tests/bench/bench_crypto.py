"""The libraries that can serve SM3 and SM2, in one run, each with the product's own interface."""

import time
from collections.abc import Callable

from measuring import Bench, Figure

from trace_node.crypto.backends import (
    KNOWN_DIGEST,
    KNOWN_POINT,
    KNOWN_SECRET,
    TABLE,
    check_signing,
    verifying_candidates,
)
from trace_node.crypto.choice import probe
from trace_node.crypto.sm3_providers import PROVIDERS, NewSm3

SIZES = (65, 200)
SECONDS, QUICK_SECONDS = 0.5, 0.01


def run(bench: Bench) -> list[Figure]:
    """Measure every library that passes its known answers here; the others are named."""
    return [*_sm3(bench), *_sm2(bench)]


def _sm3(bench: Bench) -> list[Figure]:
    figures: list[Figure] = []
    first: list[float] = []
    for candidate in PROVIDERS:
        found = probe(candidate)
        if found.found is None:
            figures.append(_absent(f"SM3, {candidate.name}", found.detail))
            continue
        for size in SIZES:
            runs = _rates(bench, _hashing(found.found, bytes(size)))
            if not first:
                first = runs
            figures.append(
                Figure(name=f"SM3 of {size} bytes, {candidate.name}", unit="per s", runs=runs)
            )
    return figures


def _sm2(bench: Bench) -> list[Figure]:
    figures: list[Figure] = []
    for candidate in verifying_candidates():
        found = probe(candidate)
        if found.found is None:
            figures.append(_absent(f"SM2, {candidate.name}", found.detail))
            continue
        check_signing(found.found)
        signing = found.found.signing_key(KNOWN_SECRET, KNOWN_POINT)
        verifying = found.found.verifying_key(KNOWN_POINT)
        signature = signing.sign(KNOWN_DIGEST)
        for verb, work in (
            ("sign", lambda key=signing: key.sign(KNOWN_DIGEST)),
            (
                "verify",
                lambda key=verifying, signed=signature: key.verify(KNOWN_DIGEST, signed),
            ),
        ):
            figures.append(
                Figure(name=f"SM2 {verb}, {candidate.name}", unit="per s", runs=_rates(bench, work))
            )
    assert len(TABLE) == len(verifying_candidates())
    return figures


def _absent(name: str, detail: str) -> Figure:
    return Figure(name=name, unit="per s", runs=[0], note=f"does not serve here: {detail}")


def _hashing(new: NewSm3, message: bytes) -> Callable[[], object]:
    template = new()

    def hash_once() -> bytes:
        state = template.copy()
        state.update(message)
        return state.digest()

    return hash_once


def _rates(bench: Bench, work: Callable[[], object]) -> list[float]:
    """Calls a second, of each run."""
    least = QUICK_SECONDS if bench.quick else SECONDS
    return bench.repeat(lambda: _rate(work, least))


def _rate(work: Callable[[], object], least: float) -> float:
    calls = 1
    while True:
        began = time.perf_counter()
        for _ in range(calls):
            work()
        seconds = time.perf_counter() - began
        if seconds >= least:
            return calls / seconds
        calls = max(2 * calls, int(calls * least / max(seconds, 1e-9)) + 1)
