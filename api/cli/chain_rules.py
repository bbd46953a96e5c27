"""``trace-node allowance chain-rules``: the library's numbers as the contracts take them."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.allowance import YearOption, packaged
from api.cli.allowance_log import group
from api.cli.options import Output, OutputOption, say, show
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.quota.chain_rules import LedgerClass

ClassOption = Annotated[
    list[str] | None,
    typer.Option(
        "--class",
        help="A class on the chain as NUMBER=CODE: 3=CEA24, 4=CEA19-20, 7=ccer.new, 8=ccer.old.",
    ),
]


@group.command("chain-rules")
def chain_rules(
    year: YearOption,
    classes: ClassOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Print what is to be proposed on the chain for a year, number by number."""
    from chain.rule_ids import admission_rule
    from trace_node.quota.chain_rules import chain_rules as rules_of

    found = rules_of(
        packaged().rules,
        year=year,
        classes=[_ledger_class(text) for text in classes or ()],
        admission_rule=admission_rule,
    )
    if output is Output.JSON:
        show({"rules": [each.to_json() for each in found]}, output=output)
        return
    for each in found:
        status = "draft" if each.draft else "active"
        typer.echo(f"{each.name}  {each.year}  {each.number}  {status}  {each.rule.id}")
        typer.echo(f"  0x{each.rule_id.hex()}")
        typer.echo(f"  0x{each.digest.hex()}  {each.valid_from} {each.valid_to}")
    if any(each.draft for each in found):
        say("a draft holds on the chain only after two regulators have released it")


def _ledger_class(text: str) -> "LedgerClass":
    from trace_node.quota.chain_rules import LedgerClass, class_kind

    number, mark, code = text.partition("=")
    if not mark or not number.isascii() or not number.isdecimal() or len(number) > 9:  # noqa: PLR2004
        raise InputError(
            "{field}: {text} is not NUMBER=CODE",
            field="class",
            text=repr(text[:40]),
            remedy="for example --class 3=CEA24",
            code="quota.class",
        )
    kind = code if code in ("ccer.old", "ccer.new") else class_kind(code)
    return LedgerClass(number=int(number), kind=kind)
