"""Flags of results: read whole, however many sources a unit has."""

from trace_node import canonical_json
from trace_node.accounting.methods.result import Flag, FlagKind
from trace_node.services.inventory_flags import flags_in


def test_flags_of_a_result_larger_than_a_leaf_are_read_once_each() -> None:
    """The result of a unit of 100 sources has more bytes than any record may have."""
    flag = {"approval": "", "kind": "draft_factor", "subject": "own.row"}
    nodes = [{"id": f"fuels[s{number}].FC", "value": "1" * 200} for number in range(400)]
    result = canonical_json.encode({"flags": [flag, flag], "nodes": nodes})
    assert len(result) > canonical_json.MAX_RECORD_BYTES
    assert list(flags_in(result)) == [Flag(kind=FlagKind.DRAFT_FACTOR, subject="own.row")]
