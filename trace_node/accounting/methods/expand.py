"""Includes of method files: a shared module is copied in, so that a definition stands alone."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from trace_node.accounting.table import Table

FORM: Final = "docs/spec/method-file.md"
_PARTS: Final = ("categories", "tables", "symbols", "steps", "checks")
_VARIABLE = re.compile(r"\$\{([a-z][a-z0-9_]{0,39})\}")

Modules = Callable[[str], Mapping[str, Any]]


def expand(top: Mapping[str, Any], modules: Modules, *, file: str) -> dict[str, Any]:
    """Put the parts of included modules before the method's own.

    A part of the method with the id of an included one takes its place; ``omit`` leaves parts out.

    Args:
        top: The method file, parsed.
        modules: Gives a module by ``id@version``.
        file: Its name in errors.

    Raises:
        LibraryFileError: An include breaks the form, or leaves a variable open.
        MethodNotFoundError: There is no such module.
    """
    rest = dict(top)
    table = Table({"include": rest.pop("include", [])}, file, FORM)
    merged: dict[str, list[Any]] = {part: [] for part in _PARTS}
    names = []
    for entry in table.tables("include"):
        name = entry.text("module")
        with_, omit = entry.pairs("with"), entry.texts("omit")
        entry.end()
        names.append(name)
        for part, items in _filled(modules(name), with_, entry).items():
            merged[part] += [item for item in items if item.get("id") not in omit]
    for part in _PARTS:
        own = rest.get(part, [])
        own_ids = {item.get("id") for item in own if isinstance(item, dict)}
        kept = [item for item in merged[part] if item.get("id") not in own_ids]
        if kept or own:
            rest[part] = _without_twins(kept) + list(own)
    if names:
        rest["modules"] = names
    return rest


def _without_twins(items: list[Any]) -> list[Any]:
    """Two modules may bring the same constant; what differs is refused when the method is read."""
    unlike: list[Any] = []
    for item in items:
        if item not in unlike:
            unlike.append(item)
    return unlike


def _filled(module: Mapping[str, Any], values: Mapping[str, str], entry: Table) -> dict[str, Any]:
    used: set[str] = set()

    def put(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise entry.refusal("with", f"must give the variable {found[1]}")
        used.add(found[1])
        return values[found[1]]

    def fill(item: Any) -> Any:  # noqa: ANN401 - any value a file may hold
        match item:
            case str():
                return _VARIABLE.sub(put, item)
            case list():
                return [fill(one) for one in item]
            case dict():
                return {fill(key): fill(one) for key, one in item.items()}
            case _:
                return item

    parts = {part: fill(module.get(part, [])) for part in _PARTS}
    for name in values:
        if name not in used:
            raise entry.refusal("with", f"gives {name}, which the module does not use")
    return parts
