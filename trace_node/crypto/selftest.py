"""Which library serves what in this process, and what the known-answer tests said.

``report()`` runs the tests of the libraries in use and is quick. ``report(every=True)`` also loads
and tests those that would step in, some of which are pure Python and take a second.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from trace_node.crypto import backends, sm3_providers
from trace_node.crypto.choice import Candidate, probe

State = Literal["in use", "ready", "failed", "not tried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatus:
    """What one library does for one purpose.

    Args:
        purpose: What is served, such as ``SM3`` or ``SM2 signing``.
        provider: The library.
        state: ``in use``: first that passed; ``ready``: passed, would step in; ``failed``: absent
            or wrong; ``not tried``: comes after the one in use.
        detail: Why it failed; empty otherwise.
        milliseconds: How long loading and testing took, rounded; 0 when not tried.
    """

    purpose: str
    provider: str
    state: State
    detail: str
    milliseconds: int


def report(*, every: bool = False) -> list[ProviderStatus]:
    """Load and test the libraries of every purpose, in their order.

    Args:
        every: Also those after the first that passes.

    Returns:
        One entry for each purpose and library. A purpose without an entry ``in use`` cannot be
        served: the calls that need it raise ``NoProviderError``.
    """
    return [
        status
        for purpose, candidates in _purposes()
        for status in _examine(purpose, candidates(), every=every)
    ]


def _purposes() -> tuple[tuple[str, Callable[[], Sequence[Candidate[Any]]]], ...]:
    return (
        ("SM3", lambda: sm3_providers.PROVIDERS),
        ("SM2 signing", backends.signing_candidates),
        ("SM2 verification", backends.verifying_candidates),
        ("SM4-GCM", _sm4),
        ("Ed25519", _ed25519),
        ("BLS12-381", _bls),
    )


def _sm4() -> Sequence[Candidate[Any]]:
    from trace_node.crypto import sm4  # noqa: PLC0415 -- loaded when asked for

    return sm4.CANDIDATES


def _ed25519() -> Sequence[Candidate[Any]]:
    from trace_node.crypto import ed25519  # noqa: PLC0415 -- loaded when asked for

    return ed25519.CANDIDATES


def _bls() -> Sequence[Candidate[Any]]:
    from trace_node.crypto import bls  # noqa: PLC0415 -- loaded when asked for

    return bls.CANDIDATES


def _examine(
    purpose: str, candidates: Sequence[Candidate[Any]], *, every: bool
) -> list[ProviderStatus]:
    statuses: list[ProviderStatus] = []
    served = False
    for candidate in candidates:
        if served and not every:
            statuses.append(_status(purpose, candidate.name, "not tried"))
            continue
        begun = time.perf_counter_ns()
        result = probe(candidate)
        spent = (time.perf_counter_ns() - begun + 500_000) // 1_000_000
        passed = result.found is not None
        state: State = "failed" if not passed else "ready" if served else "in use"
        statuses.append(_status(purpose, candidate.name, state, result.detail, spent))
        served = served or passed
    return statuses


def _status(
    purpose: str, provider: str, state: State, detail: str = "", milliseconds: int = 0
) -> ProviderStatus:
    return ProviderStatus(
        purpose=purpose, provider=provider, state=state, detail=detail, milliseconds=milliseconds
    )
