"""The interface is the one that was reviewed: tests/api/openapi.json.

After a change that is meant, write the new one with ``TN_UPDATE_OPENAPI=1 pytest`` of this file.
"""

import json
import os
from pathlib import Path

from support.node_app import node_app

from api.app import create_api

SNAPSHOT = Path(__file__).parent / "openapi.json"


def test_the_interface_is_the_reviewed_one(tmp_path: Path) -> None:
    with node_app(tmp_path) as node:
        described = create_api(node.services).openapi()
    described["info"]["version"] = "any"
    text = json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if os.environ.get("TN_UPDATE_OPENAPI"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == described
    assert SNAPSHOT.read_text(encoding="utf-8") == text
