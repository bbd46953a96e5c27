"""``trace-node verify``: check a bundle against a trust root, with no node and no account.

``verify`` is what help and completion show. To run it, the command line takes ``verify_direct``,
which reads the same options without typer, so that a proof is checked in a fraction of a second.
"""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.examine import HELP, TRUST_ROOT_VARIABLE, answer, examine
from api.cli.options import Output

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help=HELP["file"], show_default=False)
]
TrustRootOption = Annotated[
    Path,
    typer.Option(
        "--trust-root",
        envvar=TRUST_ROOT_VARIABLE,
        show_envvar=False,
        help=HELP["trust_root"],
        show_default=False,
    ),
]
FingerprintOption = Annotated[
    str | None, typer.Option(help=HELP["fingerprint"], show_default=False)
]
PredecessorOption = Annotated[
    Path | None, typer.Option(help=HELP["predecessor"], show_default=False)
]
RecomputeOption = Annotated[bool, typer.Option("--recompute", help=HELP["recompute"])]
OfflineOption = Annotated[bool, typer.Option("--offline", help=HELP["offline"])]
RpcOption = Annotated[str | None, typer.Option(help=HELP["rpc"], show_default=False)]
OutputOption = Annotated[Output, typer.Option("-o", "--output", help=HELP["output"])]


def verify(
    *,
    file: FileArgument,
    trust_root: TrustRootOption,
    offline: OfflineOption = False,
    rpc: RpcOption = None,
    fingerprint: FingerprintOption = None,
    predecessor: PredecessorOption = None,
    recompute: RecomputeOption = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Verify a single proof, a period bundle or an emission bundle.

    Exit code 0: signed and anchored; 1: something failed; 2: usage; 3: a part was not checked;
    4: the chain did not answer.
    """
    report = examine(
        file,
        trust_root=trust_root,
        offline=offline,
        rpc=rpc,
        fingerprint=fingerprint,
        predecessor=predecessor,
        recompute=recompute,
    )
    raise typer.Exit(answer(report, as_json=output is Output.JSON))
