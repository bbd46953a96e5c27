"""Nested JSON of a stranger ends with an error, not with the process."""

import subprocess
import sys

import pytest

CHAIN = "import chain.embedded.machine, chain.client"
BLS = "from trace_node.crypto.backends import bls_py_ecc; bls_py_ecc.load()"
NESTED = """
import json, sys, threading
{first}
{second}
answers = []
def read(text):
    try:
        json.loads(text)
    except (RecursionError, json.JSONDecodeError):
        answers.append(True)
for text in ("[" * 60_000, '{{"a":' * 10_000):
    reader = threading.Thread(target=read, args=(text,))
    reader.start()
    reader.join()
assert answers == [True, True]
print(sys.getrecursionlimit())
"""


@pytest.mark.parametrize(
    ("first", "second"), [(CHAIN, ""), (BLS, CHAIN)], ids=["chain alone", "signatures first"]
)
def test_what_is_imported_first_does_not_matter(first: str, second: str) -> None:
    program = NESTED.format(first=first, second=second)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) <= 12_288, "py_ecc's 100,000 stands"
