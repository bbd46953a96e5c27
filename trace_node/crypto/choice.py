"""How one of several libraries is chosen: the first that gives the known answers.

A library that is absent, broken or configured away (OpenSSL under ``fips=yes``, a distribution that
removes SM2) fails its check here, once, and the next one is tried. The reasons are kept for
``trace-node doctor``. When none passes the product refuses to run: it never degrades in silence.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from trace_node.crypto.errors import NoProviderError

logger = logging.getLogger(__name__)

T = TypeVar("T")


class KnownAnswerError(Exception):
    """A library gave another answer than the published one."""


class NotOfferedError(Exception):
    """A library is present, but policy does not let it serve this purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Generic[T]):
    """One library that may serve a purpose.

    Args:
        name: The name shown by ``doctor``.
        load: Returns the thing that serves, or raises whatever the library raises.
        check: Raises ``KnownAnswerError`` when the thing gives a wrong answer.
    """

    name: str
    load: Callable[[], T]
    check: Callable[[T], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Generic[T]):
    """What became of one candidate.

    Args:
        name: The candidate.
        found: The thing that serves; ``None`` when the candidate failed.
        detail: Why it failed; empty when it passed.
    """

    name: str
    found: T | None
    detail: str


def probe(candidate: Candidate[T]) -> Probe[T]:
    """Load and check one candidate; a failure is recorded in the result, not raised."""
    try:
        found = candidate.load()
        candidate.check(found)
    except Exception as error:  # noqa: BLE001 -- libraries fail here in any way; the reason is kept
        detail = f"{type(error).__name__}: {error}"
        return Probe(name=candidate.name, found=None, detail=detail)
    return Probe(name=candidate.name, found=found, detail="")


def choose(purpose: str, candidates: Iterable[Candidate[T]]) -> tuple[str, T]:
    """Return name and thing of the first candidate that passes its check.

    Raises:
        NoProviderError: None passes; the message holds the reason of each.
    """
    failures: list[str] = []
    for candidate in candidates:
        result = probe(candidate)
        if result.found is not None:
            logger.info("crypto_provider purpose=%s provider=%s", purpose, result.name)
            return result.name, result.found
        failures.append(f"{result.name} ({result.detail})")
    raise NoProviderError(
        "{purpose}: no installed library gives the known answers: {failures}",
        purpose=purpose,
        failures="; ".join(failures),
        remedy="install the extra trace-node[fast], or a Python whose OpenSSL offers {purpose}",
    )
