"""Write the examples of docs/spec/statements.md; with ``--check`` compare only.

The fields are put together by hand in ``tests/support/statement_samples.py``. SM2 signatures are
random: one that is there already and still verifies is kept, so that a second run changes nothing.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import statement_samples as samples  # noqa: E402 (the two paths above)

from trace_node import canonical_json  # noqa: E402
from trace_node.crypto import signed_record  # noqa: E402
from trace_node.errors import TraceNodeError  # noqa: E402

SPEC = ROOT / "docs" / "spec" / "statements.md"
EXAMPLE = re.compile(r"^```json ([a-z ]+)\n(?:([^`\n]+)\n)?```$", re.MULTILINE)


def example(match: re.Match[str]) -> str:
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
    before = SPEC.read_text(encoding="utf-8")
    after = EXAMPLE.sub(example, before)
    if "--check" in sys.argv:
        sys.exit(0 if after == before else "docs/spec/statements.md: examples differ")
    SPEC.write_text(after, encoding="utf-8")


main()
