"""``trace-node pact requests|answer|request|outbox``: events between partners."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, say, show
from api.cli.pact import PartnerArgument, group
from trace_node.errors import InputError

if TYPE_CHECKING:
    from trace_node.ports.pact import OutgoingEvent, ReceivedEvent

_MOST = 200
LimitOption = Annotated[int, typer.Option(min=1, max=_MOST, help="How many, newest first.")]


@group.command()
def requests(
    limit: LimitOption = 50, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Show the events that came: requests with their answers, answers to ours, notices."""
    from api.cli.pact_desk import open_exchange

    with open_exchange(home) as counter, counter.store.view() as view:
        found = view.pact_events.newest_received(limit=limit)
    if output is Output.JSON:
        show([{**_row(each), "event": each.event.to_json()} for each in found], output=output)
        return
    for each in found:
        typer.echo("  ".join(str(value) for value in _row(each).values()))


@group.command()
def answer(
    request: Annotated[int, typer.Argument(min=1, help="Number of the request.")],
    footprint: Annotated[
        list[str] | None, typer.Option("--footprint", help="Ids of footprints to send.")
    ] = None,
    reject: Annotated[str | None, typer.Option(help="Why none is sent.")] = None,
    code: Annotated[
        str, typer.Option(help="Error code of a rejection: NotFound, AccessDenied, BadRequest.")
    ] = "NotFound",
    home: HomeOption = None,
) -> None:
    """Answer a request with footprints, or with a reason why there are none."""
    from api.cli.pact_desk import open_exchange
    from trace_node.accounting.pact.event import ERRORS

    if bool(footprint) == (reject is not None) or code not in ERRORS:
        raise InputError(
            "{field}: give footprints, or --reject REASON with one of the codes {codes}",
            field="answer",
            codes=", ".join(ERRORS),
            remedy="see trace-node pact answer --help",
        )
    with open_exchange(home) as counter:
        if reject is None:
            counter.desk.exchange.fulfil(request, footprint or [])
        else:
            counter.desk.exchange.reject(request, code=code, message=reject)
    say("the answer to request {number} is in the outbox", number=request)


@group.command()
def request(
    partner: PartnerArgument,
    product: Annotated[list[str], typer.Option("--product", help="URNs of products.")],
    comment: Annotated[str, typer.Option(help="For whoever answers.")] = "",
    home: HomeOption = None,
) -> None:
    """Ask a partner for footprints, and print the id of the request."""
    from api.cli.pact_desk import open_exchange
    from trace_node.accounting.pact.values import urn

    for each in product:
        urn(each, "--product")
    with open_exchange(home) as counter:
        typer.echo(counter.desk.exchange.request(partner, product, comment=comment))


@group.command()
def outbox(
    limit: LimitOption = 50, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Show the events that go out: which arrived, which wait, which were given up."""
    from api.cli.pact_desk import open_exchange

    with open_exchange(home) as counter, counter.store.view() as view:
        rows = [_sent(each) for each in view.pact_events.outbox(limit=limit)]
    if output is Output.JSON:
        show(rows, output=output)
        return
    for row in rows:
        typer.echo("  ".join(str(value) for value in row.values()))


def _row(event: "ReceivedEvent") -> dict[str, object]:
    from trace_node.accounting.pact.footprint import rfc3339

    return {
        "number": event.number,
        "received": rfc3339(event.received),
        "partner": event.partner,
        "type": event.event.type.name.lower(),
        "id": event.event.id,
        "answer": "" if event.answer is None else event.answer.value,
    }


def _sent(event: "OutgoingEvent") -> dict[str, object]:
    from trace_node.accounting.pact.footprint import rfc3339

    state = "waiting" if event.due is not None else "given_up"
    return {
        "number": event.number,
        "queued": rfc3339(event.queued),
        "partner": event.partner,
        "type": event.event.type.name.lower(),
        "state": "delivered" if event.delivered is not None else state,
        "attempts": event.attempts,
        "detail": event.detail,
    }
