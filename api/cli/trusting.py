"""Let the authority trust the key of a publisher or laboratory, or take the trust back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.allowance_log import print_logged

if TYPE_CHECKING:
    from api.cli.options import Output
    from trace_node.accounting.records.signer_trust import SignerRole

PointArgument = Annotated[
    str, typer.Argument(help="Public point, as trace-node keys show prints it.")
]
NameOption = Annotated[str, typer.Option(help="Who holds the private key.")]
ReasonOption = Annotated[str, typer.Option(help="Why, in a sentence.")]
RevokeOption = Annotated[
    bool, typer.Option("--revoke", help="Take the trust back; what was logged stays.")
]


def log_trust(
    point: str,
    *,
    role: "SignerRole",
    name: str,
    reason: str,
    revoke: bool,
    home: Path | None,
    output: "Output",
) -> None:
    """Log it, signed by the authority.

    Raises:
        InputError: The point is none.
        KeyFileError: The authority's key is not here.
    """
    from api.cli.stating import statement_desk
    from trace_node.accounting.records.signer_trust import SignerTrust
    from trace_node.crypto.curve import POINT_SIZE
    from trace_node.crypto.sm2 import PublicKey
    from trace_node.ids import from_base64url

    key = PublicKey(from_base64url(point, size=POINT_SIZE, field="POINT"))
    content = SignerTrust(role=role, name=name, key=key, trusted=not revoke, reason=reason)
    with statement_desk(home, by_authority=True) as desk:
        print_logged(desk.log(content), output)
