"""The steps of configuring a boundary: each asks for its part and adds it to the draft."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from api.cli.allowance_log import file_digest
from api.cli.asking import Asker
from api.cli.printable import printable
from trace_node.accounting.boundary.entity import PlaceKind
from trace_node.accounting.boundary.words import LONG, SHORT, read_id
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.errors import InputError
from trace_node.ids import to_base64url
from trace_node.record.fields import read_name
from trace_node.record.statement_fields import read_line
from trace_node.services.boundary_draft import (
    BoundaryDraft,
    RegisterChoice,
    registers_for,
    symbols_of,
    words_of,
)

if TYPE_CHECKING:
    from trace_node.accounting.methods.method import Method
    from trace_node.accounting.methods.method_library import MethodLibrary
    from trace_node.accounting.methods.symbol import Symbol
    from trace_node.metering.meter import Meter

_ENTERED: Final = "entry"
_ZERO: Final = "zero"


def ask_entity(ask: Asker, draft: BoundaryDraft) -> None:
    """Step a: who reports, whom to turn to, and the documents that prove it."""
    ask.say("Step 1 of 6: the enterprise")
    draft.entity = {
        "name": ask.answered("Registered name", _line(LONG)),
        "credit_code": ask.answered("Unified social credit code", _name),
        "address": ask.answered("Registered address", _line(LONG)),
        "representative": ask.answered("Legal representative", _line(LONG)),
    }
    contacts: list[JsonValue] = []
    while name := ask.further("A contact: name (empty: no more)", _line(SHORT)):
        role = ask.answered("What for", _line(SHORT))
        reach = ask.answered("Telephone or address", _line(SHORT))
        contacts.append({"name": name, "role": role, "reach": reach})
    proofs: list[JsonValue] = []
    while path := ask.filed("A document of proof: its file (empty: no more)"):
        title = ask.answered("What it is", _line(LONG), default=Path(path).stem)
        proofs.append({"digest": to_base64url(file_digest(path)), "title": title})
    draft.entity |= {"contacts": contacts, "proofs": proofs}


def ask_places(ask: Asker, draft: BoundaryDraft) -> None:
    """Step b: sites, contractors and leased units with their control, and the accounting units."""
    ask.say("Step 2 of 6: places and accounting units")
    again = True
    while again:
        place = ask.answered("A place: short name", _new_id(draft.places))
        kinds = [(each.value, "") for each in PlaceKind]
        draft.places.append(
            {
                "id": place,
                "title": ask.answered("What people call it", _line(LONG)),
                "kind": ask.picked("What it is", kinds),
                "controlled": ask.agreed("Is it under operational control?"),
                "reason": ask.answered("On what does that rest?", _line(LONG)),
            }
        )
        is_free = all(each["id"] != place for each in draft.units)
        if is_free and ask.agreed("Is {place} one accounting unit, undivided?", place=place):
            title = draft.places[-1]["title"]
            draft.units.append({"id": place, "place": place, "title": title})
        else:
            _ask_units(ask, draft, place)
        again = ask.agreed("Is there another place?")


def _ask_units(ask: Asker, draft: BoundaryDraft, place: str) -> None:
    """At least one: a place without an accounting unit is accounted for by nobody."""
    unit = ask.answered("An accounting unit: short name", _new_id(draft.units))
    while unit:
        title = ask.answered("What people call it", _line(LONG))
        draft.units.append({"id": unit, "place": place, "title": title})
        unit = ask.further("An accounting unit: short name (empty: no more)", _new_id(draft.units))


def ask_industries(ask: Asker, draft: BoundaryDraft, methods: "MethodLibrary") -> None:
    """Step c: by which guidelines each unit is accounted for."""
    ask.say("Step 3 of 6: industries and their methods")
    options = [
        (each.ref, each.title_zh if ask.language == "zh_CN" else each.title_en) for each in methods
    ]
    for unit in draft.units:
        again = True
        while again:
            ref = ask.picked("The method of {unit}", options, unit=unit["id"])
            method = methods.get(ref)
            words = {name: _ask_word(ask, name, few) for name, few in method.words.items()}
            draft.industries.append(
                {"method": ref, "not_occurring": {}, "unit": unit["id"], "words": {**words}}
            )
            again = ask.agreed("Is {unit} accounted for by another method too?", unit=unit["id"])


def ask_sources(
    ask: Asker, draft: BoundaryDraft, methods: "MethodLibrary", meters: "Sequence[Meter]"
) -> None:
    """Steps d and e: the sources of each category, and where their values come from."""
    ask.say("Steps 4 and 5 of 6: emission sources, and their meters")
    for industry in draft.industries:
        method = methods.get(str(industry["method"]))
        absent: dict[str, JsonValue] = {}
        for category in method.categories.values():
            title = category.title_zh if ask.language == "zh_CN" else category.title_en
            unit = str(industry["unit"])
            if not ask.agreed("{unit}: does {category} occur?", unit=unit, category=title):
                absent[category.id] = ask.answered("Why not", _line(LONG))
                continue
            again = True
            while again:
                source = _ask_source(ask, draft, method, category.id, unit=unit)
                for symbol in symbols_of(method, category.id):
                    if not draft.is_fed(symbol, method.ref, unit=unit):
                        found = registers_for(symbol, method, meters)
                        _ask_feed(ask, draft, symbol, source, found)
                again = ask.agreed("Is there another source of {category}?", category=title)
        industry["not_occurring"] = absent


def _ask_source(
    ask: Asker, draft: BoundaryDraft, method: "Method", category: str, *, unit: str
) -> str:
    source = ask.answered("A source: short name", _new_id(draft.sources))
    title = ask.answered("What people call it", _line(LONG))
    iso = ask.picked("Category of ISO 14064-1", [(str(number), "") for number in range(1, 7)])
    words = {name: _ask_word(ask, name, few) for name, few in words_of(method, category)}
    draft.sources.append(
        {
            "category": category,
            "id": source,
            "iso14064": int(iso),
            "method": method.ref,
            "title": title,
            "unit": unit,
            "words": {**words},
        }
    )
    return source


def _ask_feed(
    ask: Asker,
    draft: BoundaryDraft,
    symbol: "Symbol",
    source: str,
    fitting: "Iterable[RegisterChoice]",
) -> None:
    """A value comes from a meter, from documents, or is 0 for a reason."""
    registers = {f"{each.device}/{each.name}": each for each in fitting}
    title = symbol.title_zh if ask.language == "zh_CN" else symbol.title_en
    chosen = ask.picked(
        "{source}: {symbol} ({title}) in {unit} comes from",
        [*((name, each.unit) for name, each in registers.items()), (_ENTERED, ""), (_ZERO, "")],
        source=source,
        symbol=symbol.id,
        title=title,
        unit=symbol.unit_text,
    )
    if chosen == _ZERO:
        draft.feed(symbol, source=source, point=None, zero=ask.answered("Why it is 0", _line(LONG)))
        return
    point = draft.point_for(symbol, source=source)
    if chosen == _ENTERED:
        draft.entered(point, source=source)
    else:
        draft.metered(point, source=source, register=registers[chosen])
    draft.feed(symbol, source=source, point=point, zero=None)


def show_draft(ask: Asker, draft: BoundaryDraft) -> None:
    """Step f: everything that was configured, level by level, before it is confirmed."""
    ask.say("Step 6 of 6: confirm")
    typer.echo(printable(f"{draft.entity['name']} ({draft.entity['credit_code']})"))
    for unit in draft.units:
        typer.echo(printable(f"  {unit['id']}  {unit['title']}"))
        for industry in (each for each in draft.industries if each["unit"] == unit["id"]):
            typer.echo(printable(f"    {industry['method']}"))
            for source in draft.sources:
                if (source["unit"], source["method"]) == (unit["id"], industry["method"]):
                    _show_source(draft, source)


def _show_source(draft: BoundaryDraft, source: JsonObject) -> None:
    typer.echo(printable(f"      {source['category']}  {source['id']}  {source['title']}"))
    places = {
        str(each["name"]): f"{each['device']}/{each['meter_register']}" for each in draft.meters
    }
    for feed in (each for each in draft.feeds if each["source"] == source["id"]):
        point = feed["point"]
        behind = f"0: {feed['zero']}" if point is None else places.get(str(point), str(point))
        typer.echo(printable(f"        {feed['symbol']} <- {behind}"))


def _ask_word(ask: Asker, name: str, choices: Sequence[str]) -> str:
    if choices:
        return ask.picked("Which {word}", [(each, "") for each in choices], word=name)
    return ask.answered(name, _line(SHORT))


def _line(most: int) -> Callable[[str], str]:
    return lambda said: read_line({"answer": said}, "answer", most=most)


def _new_id(known: Sequence[JsonObject]) -> Callable[[str], str]:
    """Reads a name that none of the things known so far has."""

    def read(said: str) -> str:
        """The name."""
        name = read_id({"answer": said}, "answer")
        if any(each["id"] == name for each in known):
            raise InputError(
                "{field}: {name} is the name of another one",
                field="answer",
                name=name,
                remedy="give it a name of its own",
                code="input.taken",
            )
        return name

    return read


def _name(said: str) -> str:
    return read_name({"answer": said}, "answer")
