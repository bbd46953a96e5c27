"""``trace-node account configure``: a boundary step by step, asked for on the terminal."""

from typing import TYPE_CHECKING

from api.cli.account_packages import group
from api.cli.asking import Asker
from api.cli.configure_steps import (
    ask_entity,
    ask_industries,
    ask_places,
    ask_sources,
    show_draft,
)
from api.cli.options import HomeOption, Output, OutputOption, show

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trace_node.accounting.boundary.boundary import Boundary
    from trace_node.accounting.methods.method_library import MethodLibrary
    from trace_node.metering.meter import Meter
    from trace_node.ports.registry import EnrolledMeter
    from trace_node.ports.store import Store
    from trace_node.services.boundary_draft import BoundaryDraft

__all__ = ["group"]


@group.command()
def configure(home: HomeOption = None, output: OutputOption = Output.TEXT) -> None:
    """Configure a boundary step by step: entity, units, industries, sources, meters, confirmation.

    Nothing is logged before it is confirmed; then it is checked as a file is.
    """
    from api.cli.stating import statement_desk
    from trace_node.services.boundary_check import require_fitting

    content, methods = _asked(home)
    with statement_desk(home) as desk:
        require_fitting(content, reader=desk.store.reader(), methods=methods)
        logged = desk.log(content)
    show(
        {"leaf": logged.index, "boundary": content.name, "version": content.version}, output=output
    )


def _asked(home: "Path | None") -> "tuple[Boundary, MethodLibrary]":
    """Ask everything while the log is not held by this command."""
    from api.cli.stating import open_log
    from trace_node.accounting.boundary.words import SHORT
    from trace_node.clock import SystemClock
    from trace_node.period import SHANGHAI
    from trace_node.record.statement_fields import read_line
    from trace_node.services.library import method_library

    ask, today = Asker(), SystemClock().now().astimezone(SHANGHAI).date().isoformat()
    with open_log(home) as (settings, _files, store):
        with store.view() as view:
            methods = method_library(view)
        meters = _meters(store.reader().enrolled_meters())
        draft = _begun(ask, store, organisation=settings.organisation, today=today)
    ask_entity(ask, draft)
    ask_places(ask, draft)
    ask_industries(ask, draft, methods)
    ask_sources(ask, draft, methods, meters)
    show_draft(ask, draft)
    person = ask.answered("Confirmed by", lambda said: read_line({"by": said}, "by", most=SHORT))
    return draft.confirmed(by=person, on=today), methods


def _begun(ask: Asker, store: "Store", *, organisation: str, today: str) -> "BoundaryDraft":
    """A draft of the next version of a boundary."""
    from trace_node.accounting.boundary.boundary import BOUNDARY
    from trace_node.accounting.boundary.words import read_id
    from trace_node.record.statement_fields import read_day
    from trace_node.services.boundary_draft import BoundaryDraft
    from trace_node.services.statement_leaves import leaves

    name = ask.answered("Name of the boundary", lambda said: read_id({"name": said}, "name"))
    begin = ask.answered(
        "Valid from (day)",
        lambda said: read_day({"valid_from": said}, "valid_from"),
        default=f"{today[:4]}-01-01",
    )
    with store.view() as view:
        known = leaves(view, BOUNDARY, topic=f"{organisation} {name}")
        versions = [int(str(each.content.to_fields()["version"])) for each in known]
    return BoundaryDraft(
        head={
            "name": name,
            "organisation": organisation,
            "valid_from": begin.isoformat(),
            "valid_to": None,
            "version": max(versions, default=0) + 1,
        }
    )


def _meters(enrolled: "Iterable[EnrolledMeter]") -> "list[Meter]":
    """The newest description of each device."""
    found = {each.meter.device: each.meter for each in enrolled}
    return [found[device] for device in sorted(found)]
