"""Verify a file with the options of the command line. No typer here: it would be half the time."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.services.verify import Report
    from trace_node.services.verify_against import Against

HELP = {
    "file": "The bundle (.tnproof).",
    "trust_root": "The trust root (or TN_TRUST_ROOT); from its owner, never from the node.",
    "offline": "Ask no chain.",
    "rpc": "JSON-RPC endpoint of the chain, anybody's.",
    "fingerprint": "Fingerprint of the trust root (sm3:…) that its owner told you.",
    "predecessor": "The trust root before this one, to check the succession.",
    "recompute": "Require an emission bundle, whose figure is computed again.",
    "output": "Form of the answer.",
}
TRUST_ROOT_VARIABLE = "TN_TRUST_ROOT"


def examine(
    file: Path,
    *,
    trust_root: Path,
    offline: bool,
    rpc: str | None,
    fingerprint: str | None = None,
    predecessor: Path | None = None,
    recompute: bool = False,
) -> "Report":
    """Verify a file.

    Raises:
        InputError: A file cannot be read, or the options contradict each other.
        ConfigError: The endpoint is no URL, or no library can check signatures.
    """
    from trace_node.services.verify import verify_file
    from trace_node.tlog.bundle_file import EMISSION_PROOF, MAX_FILE_BYTES, claimed_type

    with against_of(
        trust_root=trust_root,
        offline=offline,
        rpc=rpc,
        fingerprint=fingerprint,
        predecessor=predecessor,
    ) as against:
        raw = read_bounded(file, bound=MAX_FILE_BYTES)
        if recompute and claimed_type(raw) != EMISSION_PROOF:
            raise InputError(
                "{field}: {path} is no emission bundle, there is nothing to compute again",
                field="--recompute",
                path=str(file),
                remedy="make one with trace-node account bundle",
            )
        return verify_file(raw, against=against)


@contextmanager
def against_of(
    *,
    trust_root: Path,
    offline: bool,
    rpc: str | None,
    fingerprint: str | None = None,
    predecessor: Path | None = None,
) -> "Iterator[Against]":
    """What a verifier brings along, by the options of the command line.

    Raises:
        InputError: A file cannot be read, or the options contradict each other.
        ConfigError: The endpoint is no URL.
    """
    from trace_node.clock import SystemClock
    from trace_node.services.verify_against import Against
    from trace_node.tlog.trust_root import MAX_TRUST_ROOT_BYTES

    if offline and rpc:
        raise InputError(
            "{field}: contradicts --offline", field="--rpc", remedy="give one of the two"
        )
    before = None
    if predecessor is not None:
        before = read_bounded(predecessor, bound=MAX_TRUST_ROOT_BYTES)
    against = Against(
        trust_root=read_bounded(trust_root, bound=MAX_TRUST_ROOT_BYTES),
        now=SystemClock().now(),
        fingerprint=fingerprint,
        predecessor=before,
    )
    if rpc is None:
        yield against
        return
    from chain.light import LightChain

    chain = LightChain(rpc)
    try:
        yield replace(against, chain=chain)
    finally:
        chain.close()


def answer(report: "Report", *, as_json: bool) -> int:
    """Print a report and return its exit code."""
    if as_json:
        from trace_node.services.verify_json import report_to_json

        print(json.dumps(report_to_json(report), indent=1, ensure_ascii=False))  # noqa: T201 (CLI)
        return report.verdict.exit_code
    from trace_node.services.verify_proof import ProofReport

    if isinstance(report, ProofReport):
        from api.cli.verify_text import print_proof

        print_proof(report)
    elif report.kind == "emission":
        from api.cli.verify_emission_text import print_recomputed

        print_recomputed(report)
    elif report.kind == "statements":
        from api.cli.verify_statements_text import print_statements

        print_statements(report)
    else:
        from api.cli.verify_period_text import print_period

        print_period(report)
    return report.verdict.exit_code


def read_bounded(path: Path, *, bound: int) -> bytes:
    """Read a file, or one byte more than the bound of it, so that what is too long is seen.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(bound + 1)
    except OSError as error:
        raise InputError(
            "{path}: cannot be read: {detail}",
            field="file",
            path=str(path),
            detail=error.strerror or str(error),
            remedy="check the path",
            code="input.file",
        ) from error
