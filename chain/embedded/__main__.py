"""``python -m chain.embedded``: serve a chain file until told to stop.

When requests are taken, one line of JSON appears on the standard output:
``{"chain_id": 20260, "url": "http://127.0.0.1:40001"}``. A refusal to start is a line too, with
``code``, ``message`` and ``remedy``, and exit status 1.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from chain.embedded.server import serve
from trace_node.errors import TraceNodeError


def _address(text: str) -> bytes:
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", text):
        raise argparse.ArgumentTypeError("an address is 0x and 40 hex digits")
    return bytes.fromhex(text[2:])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chain.embedded", description="serve a chain")
    parser.add_argument("path", type=Path, help="the chain file; made when it does not exist")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--chain-id", type=int)
    parser.add_argument(
        "--sender", type=_address, action="append", default=[], help="may send; can be repeated"
    )
    parser.add_argument("--any-sender", action="store_true", help="let every address send")
    parser.add_argument("--until-stdin-closes", action="store_true")
    parser.add_argument(
        "--wait", type=float, default=0, help="seconds another owner may take to give the file up"
    )
    parser.add_argument("--skip-check", action="store_true", help="do not check every page first")
    return parser.parse_args()


def _announce(url: str, chain_id: int) -> None:
    print(json.dumps({"chain_id": chain_id, "url": url}), flush=True)  # noqa: T201  the announcement


def main() -> int:
    """Run the server; 0 when it was told to stop, 1 when it could not start."""
    given = _arguments()
    try:
        serve(
            given.path,
            host=given.host,
            port=given.port,
            chain_id=given.chain_id,
            senders=None if given.any_sender else given.sender,
            ready=_announce,
            until_stdin_closes=given.until_stdin_closes,
            check=not given.skip_check,
            wait_s=given.wait,
        )
    except TraceNodeError as error:
        refusal = {"code": error.reason, "message": error.message, "remedy": error.remedy}
        print(json.dumps(refusal), flush=True)  # noqa: T201  the refusal
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
