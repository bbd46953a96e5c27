"""Write the examples of the pages of statements in docs/spec; with ``--check`` compare only.

The fields are put together in ``tests/support/*_samples.py``. SM2 signatures are
random: one that is there already and still verifies is kept, so that a second run changes nothing.
"""

import re
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import (  # noqa: E402 (the two paths above)
    accounting_samples,
    emission_samples,
    statement_samples,
)

from trace_node import canonical_json  # noqa: E402
from trace_node.crypto import signed_record  # noqa: E402
from trace_node.errors import TraceNodeError  # noqa: E402

PAGES = {
    "statements.md": statement_samples,
    "accounting-statements.md": accounting_samples,
    "emission.md": emission_samples,
}
EXAMPLE = re.compile(r"^```json ([a-z ]+)\n(?:([^`\n]+)\n)?```$", re.MULTILINE)


def example(match: re.Match[str], samples: ModuleType) -> str:
    """The block with the record that its name stands for."""
    name, shown = match[1], match[2]
    fields, signer = samples.whole_fields(name), samples.key(samples.SIGNERS[name])
    if shown:
        found = canonical_json.decode_object(shown.encode())
        try:
            signed_record.verify(shown.encode(), signer.public)
            if {key: found[key] for key in found if key != "signature"} == fields:
                return match[0]
        except TraceNodeError:  # of another record: it is signed anew
            pass
    raw = signed_record.sign(fields, signer)
    return f"```json {name}\n{raw.decode()}\n```"


def main() -> None:
    """Write or compare."""
    for page, samples in PAGES.items():
        path = ROOT / "docs" / "spec" / page
        before = path.read_text(encoding="utf-8")
        after = EXAMPLE.sub(partial(example, samples=samples), before)
        if "--check" not in sys.argv:
            path.write_text(after, encoding="utf-8")
        elif after != before:
            sys.exit(f"docs/spec/{page}: examples differ")


main()
