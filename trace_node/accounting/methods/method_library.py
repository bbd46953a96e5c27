"""Methods by id and version: those of the package, and packages a plant loaded."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from trace_node.accounting.errors import LibraryFileError, MethodNotFoundError
from trace_node.accounting.methods.expand import expand
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.method_form import read_method
from trace_node.toml_text import read_toml

MAX_BYTES: Final = 262_144
MAX_LINE_BYTES: Final = 4_000
_REF = re.compile(r"[a-z][a-z0-9_]{0,59}@[0-9]{1,4}")


class MethodLibrary:
    """Methods (方法库) by ``id@version``; versions stand side by side for ever.

    Args:
        methods: All methods.

    Raises:
        LibraryFileError: A version is there twice with another digest.
    """

    def __init__(self, methods: Iterable[Method]) -> None:
        self._methods: dict[str, Method] = {}
        for method in methods:
            known = self._methods.setdefault(method.ref, method)
            if known.digest != method.digest:
                raise LibraryFileError(
                    "{method}: two definitions of one version",
                    field="version",
                    method=method.ref,
                    remedy="a change is a new version",
                )

    def __iter__(self) -> Iterator[Method]:
        return iter(self._methods.values())

    def get(self, ref: str) -> Method:
        """The method of this ``id@version``.

        Raises:
            MethodNotFoundError: There is none.
        """
        found = self._methods.get(ref)
        if found is None:
            raise MethodNotFoundError(
                "there is no method {method}",
                field="method",
                method=ref[:90],
                remedy="load its package, or use one of the library",
            )
        return found

    def newest(self, method_id: str) -> Method:
        """The newest version of a method.

        Raises:
            MethodNotFoundError: There is none.
        """
        known = [one for one in self if one.id == method_id]
        if not known:
            return self.get(method_id)
        return max(known, key=lambda one: one.version)


def read_method_file(raw: bytes, *, file: str) -> Method:
    """Read a method file (TOML) whose includes are modules of the package.

    Raises:
        TooLargeError: It, or a line of it, is too long; it was not parsed.
        InputError: It is not TOML.
        LibraryFileError: It breaks the form, or its parts do not fit each other.
        FormulaError: A formula is none.
        DimensionError: A formula adds what is not alike, or gives another unit than declared.
        MethodNotFoundError: It includes a module that is not there.
    """
    top = read_toml(raw, file=file, most=MAX_BYTES, most_in_a_line=MAX_LINE_BYTES)
    return read_method(expand(top, _module, file=file), place=file)


@cache
def packaged_methods() -> MethodLibrary:
    """The methods that come with the program."""
    folder = files("trace_node.accounting") / "data" / "methods"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return MethodLibrary(
        read_method_file((folder / name).read_bytes(), file=name) for name in names
    )


@cache
def _module(ref: str) -> Mapping[str, Any]:
    file = files("trace_node.accounting") / "data" / "modules" / f"{ref}.toml"
    if not _REF.fullmatch(ref) or not file.is_file():
        raise MethodNotFoundError(
            "there is no module {module}",
            field="include.module",
            module=ref[:90],
            remedy="use a module of trace_node/accounting/data/modules",
        )
    return read_toml(
        file.read_bytes(), file=file.name, most=MAX_BYTES, most_in_a_line=MAX_LINE_BYTES
    )
