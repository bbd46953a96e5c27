"""``trace-node board statement`` and ``basis``: sign what is stated, and log it."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show
from trace_node.errors import InputError

if TYPE_CHECKING:
    from decimal import Decimal

    from trace_node.ports.statements import LoggedStatement
    from trace_node.quota.records.quota_basis import StatedOutput

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
    from api.cli.stating import statement_desk
    from trace_node.ids import OrganisationId, require_name
    from trace_node.period import parse_period
    from trace_node.quota.records.emission_statement import EmissionStatement

    with statement_desk(home, by_authority=key is SigningKey.AUTHORITY) as desk:
        name = require_name(organisation or desk.organisation, field="organisation")
        content = EmissionStatement(
            origin=desk.origin,
            organisation=OrganisationId(name),
            period=parse_period(period),
            kind=kind.value,
            sector=sector,
            tonnes=_decimal(tonnes),
            method=method,
            evidence=_digest(evidence),
        )
        _print_logged(desk.log(content), output)


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
            "--output-to-date", help="Its generating units to date (TOML), a table unit for each."
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
    from api.cli.stating import statement_desk
    from trace_node.ids import OrganisationId, require_name
    from trace_node.quota.records.quota_basis import QuotaBasis

    stated = _output(units, through)
    with statement_desk(home, by_authority=key is SigningKey.AUTHORITY) as desk:
        name = require_name(organisation or desk.organisation, field="organisation")
        content = QuotaBasis(
            origin=desk.origin,
            organisation=OrganisationId(name),
            year=year,
            sector=sector,
            ledger=ledger,
            budget=budget,
            output=stated,
        )
        _print_logged(desk.log(content), output)


def _output(units: Path | None, through: str | None) -> "StatedOutput | None":
    from api.cli.examine import read_bounded
    from trace_node.period import parse_period
    from trace_node.quota.records.quota_basis import StatedOutput, StatedUnit
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


def _print_logged(logged: "LoggedStatement", output: Output) -> None:
    """Where a statement stands in the log, and what of it goes to the ledger."""
    from trace_node.ids import to_base64url

    index, digest = logged.index, logged.digest
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
