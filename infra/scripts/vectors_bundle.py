"""Write the bundle vectors: one right bundle, and one for every defect.

``index.json`` names for each file the trust root, the verifier's clock, the first check that fails
and its reason. Other implementations can be tested with them. Keys, nonces, salts and times are
fixed, so the files are the same each time.

Run ``python infra/scripts/vectors_bundle.py`` to write, with ``--check`` to compare only.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import bundle_defects as defects  # noqa: E402 (the two paths above)

from trace_node.tlog.json_fields import instant_text  # noqa: E402


def vectors() -> dict[str, bytes]:
    """All files by name."""
    files = {"valid.tnproof": defects.good_file(), "trust-root.json": defects.good_trust_root()}
    cases = [
        {
            "file": "valid.tnproof",
            "trust_root": "trust-root.json",
            "now": instant_text(defects.bundles.NOW),
            "signed": "passed",
            "anchored": "not_done",
            "exit_code": 3,
        }
    ]
    for defect in defects.all_defects():
        root, predecessor = "trust-root.json", None
        if defect.trust_root != defects.good_trust_root():
            root = f"{defect.name}.trust-root.json"
            files[root] = defect.trust_root
        if defect.predecessor is not None:
            predecessor = f"{defect.name}.predecessor.json"
            files[predecessor] = defect.predecessor
        name = "valid.tnproof"
        if defect.file != defects.good_file():
            name = f"{defect.name}.tnproof"
            files[name] = defect.file
        cases.append(
            {
                "defect": defect.name,
                "file": name,
                "trust_root": root,
                "predecessor": predecessor,
                "now": instant_text(defect.now),
                "check": defect.check,
                "reason": defect.reason,
                "exit_code": 1,
            }
        )
    index = json.dumps({"cases": cases}, indent=1, sort_keys=True)
    return {**files, "index.json": index.encode() + b"\n"}


def main() -> int:
    """Write or compare."""
    wanted = vectors()
    found = {path.name: path.read_bytes() for path in defects.VECTORS.glob("*")}
    if "--check" in sys.argv:
        differing = sorted(
            name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
        )
        print("\n".join(differing) or f"{len(wanted)} files are as they should be")
        return 1 if differing else 0
    defects.VECTORS.mkdir(parents=True, exist_ok=True)
    for name in found.keys() - wanted.keys():
        (defects.VECTORS / name).unlink()
    for name, content in wanted.items():
        (defects.VECTORS / name).write_bytes(content)
    print(f"{len(wanted)} files written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
