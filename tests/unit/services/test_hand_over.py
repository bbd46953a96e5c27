"""A hand-over in a file of a stranger: the receiver's key is one that the trust root names."""

from dataclasses import replace
from decimal import Decimal

import pytest
from support.footprint_samples import DELIVERED, FEED
from support.statement_samples import key

from trace_node.crypto.errors import SignatureError
from trace_node.services.hand_over import require_handed_over
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.trust_root_form import TrustedKey


def trusted(*names: str) -> list[TrustedKey]:
    return [TrustedKey(name=name, point=key(name).public.point) for name in names]


def test_only_a_named_key_over_the_same_event_passes() -> None:
    """[S0-7.2.1-b4]"""
    require_handed_over(DELIVERED, trusted("other", "node"), field="leaf 7")
    require_handed_over(FEED, [], field="leaf 7")  # nothing is handed over
    with pytest.raises(EvidenceError) as caught:
        require_handed_over(DELIVERED, trusted("other"), field="leaf 7")
    assert caught.value.reason == "emission.receiver"
    assert "leaf 7" in caught.value.message
    assert caught.value.remedy
    moved = replace(DELIVERED, outputs=(replace(DELIVERED.outputs[0], mass=Decimal(1)),))
    with pytest.raises(SignatureError):
        require_handed_over(moved, trusted("node"), field="leaf 7")
