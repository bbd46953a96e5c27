"""Our typed rows against the public data set they were typed from, member by member."""

import json
from pathlib import Path

from trace_node.accounting.factors.factor_file import packaged_factors

OURS = {"supersedes", "valid_from", "valid_to"}
ADDED = {"gwp100.ar6.ch4_fossil", "gwp100.ar6.ch4_nonfossil"}  # the data set has one CH4 of AR6


def test_every_row_of_the_data_set_is_typed_without_a_difference(data_dir: Path) -> None:
    text = (data_dir / "factors.json").read_text(encoding="utf-8")
    published = {row["id"]: row for row in json.loads(text)}
    ours = {row.id: row.to_json() for row in packaged_factors()}
    assert ours.keys() - ADDED == published.keys()
    for row_id, row in published.items():
        typed = {key: value for key, value in ours[row_id].items() if key not in OURS}
        typed["method"] = typed.pop("scheme")
        assert {key: value for key, value in typed.items() if value is not None} == {
            key: value for key, value in row.items() if value is not None
        }, row_id
