"""``trace-node ledger status|rebuild|reconcile|balance|lots``: the copy of the ledger in SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.ledger_group import group
from api.cli.options import HomeOption, Output, OutputOption, load, say, show
from api.exit_codes import INVALID, PENDING
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.errors import NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from api.wiring.ledger_mirror import LedgerVerbs
    from trace_node.ports.ledger_mirror import ClassBalance, Found
    from trace_node.ports.ledger_mirror_head import Stop
    from trace_node.quota.ledger.state import AccountContent, ClassContent, LotContent
    from trace_node.services.ledger_queries import LedgerQueries

MOST_CLASSES = 10_000
AccountArgument = Annotated[int, typer.Argument(help="Number of the account.", min=1)]


class PlaceName(StrEnum):
    """Where lots stand."""

    REGISTRY = "registry"
    TRADING = "trading"
    FROZEN = "frozen"
    PENDING = "pending"
    SURRENDERED = "surrendered"
    CANCELLED = "cancelled"
    CONVERTED = "converted"


@group.command()
def status(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """Show how far the mirror has come, and whether orders are stopped; exit 1 if they are."""
    from api.wiring.ledger_mirror import health_of, stored_mirror
    from trace_node.clock import SystemClock
    from trace_node.services.ledger_queries import standing

    settings, _ = load(home)
    with stored_mirror(settings) as mirror:
        health = health_of(settings, mirror, clock=SystemClock()).look()
    behind = health.behind
    shown: JsonObject = {
        **standing(health.head),
        "behind_seconds": None if behind is None else int(behind.total_seconds()),
        "overdue": health.overdue,
        "events": {book.name.lower(): count for book, count in health.head.counts.items()},
        "history": health.head.history.hex(),
        "orders_stopped": _stop_shown(health.stop),
    }
    _show_rows({}, shown, output)
    if health.stop is not None:
        raise typer.Exit(INVALID)
    if health.overdue:
        raise typer.Exit(PENDING)


@group.command()
def rebuild(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """Empty the mirror and build it anew from the ledger's first block; then compare it."""
    with _connected(home) as verbs:
        before, then = verbs.reconcile.audits.digest(), _history(verbs)
        verbs.mirror.rebuild()
        after, now = verbs.reconcile.audits.digest(), _history(verbs)
        report = verbs.reconcile.run()
    differences: list[JsonValue] = [each.to_json() for each in report.differences]
    show(
        {
            "digest_before": before,
            "digest": after,
            # Rows of another history, as of a chain that has moved on, cannot be the same ones.
            "identical": before == after if then == now else None,
            "block": report.at.number,
            "differences": differences,
        },
        output=output,
    )
    if differences:
        raise typer.Exit(INVALID)


def _history(verbs: "LedgerVerbs") -> bytes:
    with verbs.mirror.mirror.view() as view:
        return view.head().history


@group.command()
def reconcile(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """Compare the mirror with the contracts at one final block; exit 1 where they differ."""
    with _connected(home) as verbs:
        report = verbs.reconcile.run()
    differences: list[JsonValue] = [each.to_json() for each in report.differences]
    shown: JsonObject = {
        "block": report.at.number,
        "compared": report.compared,
        "differences": differences,
        "evidence": report.evidence or None,
    }
    show(shown, output=output)
    if differences:
        raise typer.Exit(INVALID)


@group.command()
def balance(
    account: AccountArgument, home: HomeOption = None, output: OutputOption = Output.TEXT
) -> None:
    """Show what an account holds, by class and place, in whole tonnes."""
    with _queries(home) as queries:
        known = queries.ask(lambda view: view.account(account))
        answer = queries.ask(
            lambda view: (view.balances(account), view.classes(limit=MOST_CLASSES))
        )
    _require_account(known.found, account)
    held, classes = answer.found
    rows: list[JsonValue] = [
        _balance_shown(each, {found.number: found.content for found in classes}) for each in held
    ]
    _show_rows({"account": account, "balances": rows}, answer.standing(), output)


@group.command()
def lots(
    account: AccountArgument,
    *,
    class_id: Annotated[
        int | None, typer.Option("--class", help="Number of a class.", min=1)
    ] = None,
    place: Annotated[PlaceName | None, typer.Option(help="Where they stand.")] = None,
    after: Annotated[int, typer.Option(help="Begin after this lot.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="Most lots to show.", min=1, max=10_000)] = 100,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the lots of an account, also those that ended in it."""
    from trace_node.quota.ledger.kinds import Place

    wanted = None if place is None else Place[place.name]
    with _queries(home) as queries:
        known = queries.ask(lambda view: view.account(account))
        answer = queries.ask(
            lambda view: view.lots(
                account, class_id=class_id, place=wanted, after=after, limit=limit
            )
        )
    _require_account(known.found, account)
    rows: list[JsonValue] = [_lot_shown(each) for each in answer.found]
    _show_rows({"account": account, "lots": rows}, answer.standing(), output)


@contextmanager
def _queries(home: "Path | None") -> "Iterator[LedgerQueries]":
    from api.wiring.ledger_mirror import stored_mirror
    from trace_node.services.ledger_queries import LedgerQueries

    settings, _ = load(home)
    with stored_mirror(settings) as mirror:
        yield LedgerQueries(mirror=mirror)


@contextmanager
def _connected(home: "Path | None") -> "Iterator[LedgerVerbs]":
    """The mirror and its ledger, whether the node runs or not."""
    from api.wiring.chain_child import reachable
    from api.wiring.ledger_chain import ledger_connected
    from api.wiring.ledger_mirror import stored_mirror, verbs_of
    from trace_node.clock import SystemClock

    settings, files = load(home)
    with (
        stored_mirror(settings) as mirror,
        reachable(settings, files) as url,
        ledger_connected(settings, files, url=url) as side,
    ):
        verbs = verbs_of(side, files, mirror=mirror, clock=SystemClock())
        verbs.mirror.join()
        yield verbs


def _require_account(found: "AccountContent | None", number: int) -> None:
    """Tell an account that holds nothing from one that is not there.

    Raises:
        NotFoundError: It is not there; code ``not_found.account``.
    """
    if found is None:
        raise NotFoundError(
            "{field}: the ledger has no account {account}",
            field="ACCOUNT",
            account=number,
            remedy="check the number; a mirror that is behind may not have it yet: trace-node"
            " ledger status",
            code="not_found.account",
        )


def _show_rows(found: JsonObject, standing: JsonObject, output: Output) -> None:
    if output is Output.JSON:
        show({**found, **standing}, output=output)
        return
    for rows in found.values():
        for row in rows if isinstance(rows, list) else ():
            typer.echo(_words(row, between="  "))
    plain = {key: _words(value) for key, value in standing.items() if key != "legal_record"}
    show(plain, output=output)
    say("The national registries of allowances and of CCER are the legal record; this is a copy.")


def _words(value: JsonValue, *, between: str = ", ") -> str:
    """A value as a reader wants it: names and values of an object, a dash for none."""
    if isinstance(value, dict):
        return between.join(f"{key} {_words(each)}" for key, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)


def _stop_shown(stop: "Stop | None") -> JsonObject | None:
    if stop is None:
        return None
    return {
        "cause": stop.cause.value,
        "detail": stop.detail,
        "evidence": stop.evidence,
        "block": stop.block,
    }


def _balance_shown(found: "ClassBalance", classes: "dict[int, ClassContent]") -> JsonObject:
    held, known = found.balance, classes.get(found.class_id)
    return {
        "class": found.class_id,
        "code": known.code.rstrip(b"\0").decode(errors="replace") if known else "",
        "registry": held.registry,
        "trading": held.trading,
        "frozen": held.frozen,
        "pending": held.pending,
        "total": held.total,
    }


def _lot_shown(found: "Found[LotContent]") -> JsonObject:
    lot = found.content
    return {
        "lot": found.number,
        "class": lot.class_id,
        "place": lot.place.name.lower(),
        "hold": lot.hold.name.lower(),
        "subject": lot.subject,
        "first_serial": lot.first_serial,
        "last_serial": lot.first_serial + lot.quantity - 1,
        "quantity": lot.quantity,
        "order": lot.order or None,
        "registry_number": "0x" + lot.registry_number.hex() if any(lot.registry_number) else None,
    }
