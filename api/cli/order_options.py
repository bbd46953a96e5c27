"""Options of the commands about orders, and the reading of them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.quota.ledger.order import Part
    from trace_node.quota.ledger.signed_order import SignedOrder

FileArgument = Annotated[Path, typer.Argument(help="The order file (.tnorder).")]
LedgerOption = Annotated[
    Path | None,
    typer.Option(
        "--ledger",
        help="Record of the ledger (ledger-deployment.json); that of the node in --home if left"
        " out.",
        show_default=False,
    ),
]
NodeOption = Annotated[
    str | None, typer.Option("--node", help="URL of a node.", show_default=False)
]
TokenOption = Annotated[
    str,
    typer.Option(
        "--token", help="Access token of the node.", envvar="TN_TOKEN", show_default=False
    ),
]
RpcOption = Annotated[
    str | None,
    typer.Option("--rpc", help="JSON-RPC endpoint of the chain.", show_default=False),
]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="Account key file (trace-node keys account).", show_default=False),
]
_UNITS = {"m": 60, "h": 3_600, "d": 86_400}


def read_order(path: Path) -> "SignedOrder":
    """Read an order file; signatures are not verified."""
    from api.cli.examine import read_bounded
    from trace_node.quota.ledger.order_file import MAX_FILE_BYTES, decode_order

    return decode_order(read_bounded(path, bound=MAX_FILE_BYTES))


def read_instant(text: str, *, now: datetime, field: str) -> int:
    """Seconds since 1970 of a time by RFC 3339, or of a span from now: +30m, +12h, +7d.

    Raises:
        InputError: It is neither; code ``order.deadline``.
    """
    try:
        if text.startswith("+"):
            found = now + timedelta(seconds=int(text[1:-1]) * _UNITS[text[-1]])
        else:
            found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return int(found.timestamp())
    except (ValueError, KeyError, IndexError, OverflowError):
        pass
    raise InputError(
        "{field}: neither a time with its offset nor a span from now",
        field=field,
        remedy="write 2026-12-31T23:59:59+08:00, or +30m, +12h, +7d",
        code="order.deadline",
    )


def read_lots(texts: list[str]) -> "tuple[Part, ...]":
    """Lots and quantities, as LOT:TONNES, in ascending order.

    Raises:
        InputError: One is written otherwise (``order.parts``), or an amount is none.
    """
    from trace_node.quota.ledger.amounts import read_tonnes
    from trace_node.quota.ledger.order import Part

    parts = []
    for text in texts:
        lot, mark, tonnes = text.partition(":")
        if not (mark and lot.isascii() and lot.isdecimal()):
            raise InputError(
                "{field}: write each lot as LOT:TONNES",
                field=f"--lot {text[:40]}",
                remedy="for example --lot 21:400",
                code="order.parts",
            )
        parts.append(Part(lot=int(lot), quantity=read_tonnes(tonnes, field=f"--lot {lot}")))
    return tuple(sorted(parts, key=lambda part: part.lot))


def require_one_way(node: str | None, rpc: str | None) -> None:
    """Require exactly one of --node and --rpc.

    Raises:
        InputError: None or both are given; code ``input.choice``.
    """
    if (node is None) == (rpc is None):
        raise InputError(
            "{field}: give one of the two",
            field="--node, --rpc",
            remedy="a node with a token, or an endpoint of the chain with a key",
            code="input.choice",
        )


def write_file(path: Path, raw: bytes, *, replace: bool, private: bool = False) -> None:
    """Write a file whole or not at all.

    Args:
        path: The file.
        raw: Its content.
        replace: Whether it may be there already.
        private: Whether its owner alone may read it.

    Raises:
        InputError: It is there and may not be; code ``input.file``.
    """
    import os
    import tempfile

    if not replace and path.exists():
        raise InputError(
            "{path}: is there already",
            field="file",
            path=str(path),
            remedy="choose another name; nothing is overwritten",
            code="input.file",
        )
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o600 if private else 0o644)
    Path(temporary).replace(path)
