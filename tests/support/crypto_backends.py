"""Every SM2 library under its name, and how a test puts one in charge."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from trace_node.crypto import backends, sm2
from trace_node.crypto.choice import probe

NAMES = tuple(name for name, _ in backends.TABLE)
VECTORS = Path(__file__).resolve().parents[1] / "vectors/crypto"


@cache
def load(name: str) -> Any:
    """The library, tested with the known answers; it must work on a machine that runs the tests."""
    (candidate,) = (item for item in backends.verifying_candidates() if item.name == name)
    result = probe(candidate)
    assert result.found is not None, f"{name} must work here: {result.detail}"
    backends.check_signing(result.found)
    return result.found


@pytest.fixture(params=NAMES)
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Each library in turn signs and verifies for ``trace_node.crypto.sm2``."""
    chosen = request.param, load(request.param)
    monkeypatch.setattr(sm2, "verifying_backend", lambda: chosen)
    monkeypatch.setattr(sm2, "signing_backend", lambda: chosen)
    sm2._verifying_key.cache_clear()
    yield chosen[1]
    sm2._verifying_key.cache_clear()


@cache
def sm2_cases() -> tuple[dict[str, str], ...]:
    """The committed signatures, good and bad."""
    return tuple(json.loads((VECTORS / "sm2.json").read_text("utf-8"))["cases"])
