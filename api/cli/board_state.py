"""``trace-node board statement`` and ``basis``: sign what is stated, and hand it to the node."""

import secrets
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, load, say, show
from trace_node.errors import ConfigError, InputError

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from api.home import Home
    from api.settings import Settings
    from trace_node.crypto.sm2 import PrivateKey
    from trace_node.metering.records.quota_basis import StatedOutput

group = typer.Typer(
    no_args_is_help=True,
    help="Quota against emission: boards, alerts and usage plans of enterprises.",
)
MAX_EVIDENCE_BYTES = 1 << 30
OrganisationOption = Annotated[
    str | None, typer.Option(help="Whose; that of this node if left out.", show_default=False)
]


class StatementKind(StrEnum):
    """How far a statement stands."""

    VERIFIED = "verified"
    PROVISIONAL = "provisional"


class SigningKey(StrEnum):
    """Which key of the home signs."""

    NODE = "node"
    AUTHORITY = "authority"


KeyOption = Annotated[SigningKey, typer.Option("--key", help="Which key of the home signs.")]


@group.command()
def statement(
    period: Annotated[str, typer.Argument(help="Year or month that is over: 2025 or 2026-05.")],
    tonnes: Annotated[str, typer.Argument(help="Tonnes of CO2 equivalent.")],
    *,
    method: Annotated[str, typer.Option(help="By which method, in words.")],
    evidence: Annotated[Path, typer.Option(help="The document it is taken from; it is hashed.")],
    kind: Annotated[
        StatementKind, typer.Option(help="Verified for a whole year only.")
    ] = StatementKind.PROVISIONAL,
    sector: Annotated[
        int | None,
        typer.Option(min=1, help="Number of the covered sector; none outside the ETS."),
    ] = None,
    organisation: OrganisationOption = None,
    key: KeyOption = SigningKey.NODE,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """State the emission of a year or month, sign it, and log it as a leaf.

    The digest that is printed is what a verifier enters on the ledger.
    """
    from trace_node.ids import OrganisationId, Origin
    from trace_node.metering.records.emission_statement import (
        EmissionStatement,
        build_emission_statement,
    )
    from trace_node.period import parse_period

    settings, files = load(home)
    signer = _signer(settings, files, key)
    stated = EmissionStatement(
        salt=secrets.token_bytes(16),
        origin=Origin(settings.log_origin),
        organisation=OrganisationId(organisation or settings.organisation),
        period=parse_period(period),
        kind=kind.value,
        sector=sector,
        tonnes=_decimal(tonnes),
        method=method,
        evidence=_digest(evidence),
        stated_at=_now(),
        signed_by=signer.public.key_id,
    )
    _hand_in(settings, files, build_emission_statement(stated, signer=signer), output)


@group.command()
def basis(
    year: Annotated[int, typer.Argument(min=2000, max=2200, help="Obligation year.")],
    *,
    sector: Annotated[
        int | None,
        typer.Option(min=1, help="Number of the covered sector; none outside the ETS."),
    ] = None,
    ledger: Annotated[
        int | None, typer.Option(min=1, help="Number of the organisation on the ledger.")
    ] = None,
    budget: Annotated[
        int | None, typer.Option(min=0, help="Its own budget in whole tonnes.")
    ] = None,
    units: Annotated[
        Path | None,
        typer.Option(
            "--output-to-date", help="Its generating units to date (TOML), one [[unit]] each."
        ),
    ] = None,
    through: Annotated[
        str | None, typer.Option(help="Last month of that output, such as 2026-06.")
    ] = None,
    organisation: OrganisationOption = None,
    key: KeyOption = SigningKey.NODE,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """State what the board of a year is computed from besides emission, and log it as a leaf."""
    from trace_node.ids import OrganisationId, Origin
    from trace_node.metering.records.quota_basis import QuotaBasis, build_quota_basis

    settings, files = load(home)
    signer = _signer(settings, files, key)
    stated = QuotaBasis(
        salt=secrets.token_bytes(16),
        origin=Origin(settings.log_origin),
        organisation=OrganisationId(organisation or settings.organisation),
        year=year,
        sector=sector,
        ledger=ledger,
        budget=budget,
        output=_output(units, through),
        stated_at=_now(),
        signed_by=signer.public.key_id,
    )
    _hand_in(settings, files, build_quota_basis(stated, signer=signer), output)


def _output(units: Path | None, through: str | None) -> "StatedOutput | None":
    from api.cli.examine import read_bounded
    from trace_node.metering.records.quota_basis import StatedOutput, StatedUnit
    from trace_node.period import parse_period
    from trace_node.quota.unit_file import MAX_BYTES, read_units
    from trace_node.services.allocation import UNIT_METHOD

    if units is None and through is None:
        return None
    if units is None or through is None:
        raise InputError(
            "{field}: output and its last month are stated together",
            field="--through",
            remedy="add --output-to-date FILE and --through MONTH, or neither",
            code="input.usage",
        )
    read = read_units(read_bounded(units, bound=MAX_BYTES))
    if any(each.leaves for each in read):
        raise InputError(
            "{field}: the inputs of a basis are typed in, not taken from leaves",
            field="leaves",
            remedy="write the values themselves",
            code="input.leaves",
        )
    return StatedOutput(
        method=UNIT_METHOD,
        through=parse_period(through),
        units=tuple(StatedUnit(name=each.name, inputs=dict(each.values)) for each in read),
    )


def _signer(settings: "Settings", files: "Home", key: SigningKey) -> "PrivateKey":
    from trace_node.crypto import keys

    path = files.node_key if key is SigningKey.NODE else files.authority_key
    return keys.load(path, settings.secret())


def _hand_in(settings: "Settings", files: "Home", raw: bytes, output: Output) -> None:
    """Post a record to the running node, and tell where it stands in the log.

    Raises:
        ConfigError: The node does not run.
    """
    from api.cli.enrolling import post_record
    from api.running import read_running
    from trace_node.ids import to_base64url
    from trace_node.tlog.hasher import SM3

    running = read_running(files)
    if running is None:
        raise ConfigError(
            "the node does not run, and a statement is logged by a node that does",
            field="home",
            remedy="start it: trace-node up",
            code="config.not_running",
        )
    index = post_record(f"{running.url}/ingest/v1/{settings.log}/statements", raw)
    digest = SM3.leaf(raw)
    if output is Output.JSON:
        show(
            {"index": index, "digest": to_base64url(digest), "digest_hex": "0x" + digest.hex()},
            output=output,
        )
        return
    say("logged at leaf {index}", index=index)
    say("digest of the leaf, for the ledger: 0x{digest}", digest=digest.hex())


def _decimal(text: str) -> "Decimal":
    from decimal import Decimal

    from trace_node.record.fields import DECIMAL_PATTERN

    if not DECIMAL_PATTERN.fullmatch(text):
        raise InputError(
            "{field}: must be a decimal such as 118000 or 9876.543",
            field="TONNES",
            remedy="write digits and at most one point",
            code="record.tonnes",
        )
    return Decimal(text)


def _digest(path: Path) -> bytes:
    from api.cli.examine import read_bounded
    from trace_node.crypto.sm3 import sm3

    return sm3(read_bounded(path, bound=MAX_EVIDENCE_BYTES))


def _now() -> "datetime":
    from trace_node.clock import SystemClock

    now = SystemClock().now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
