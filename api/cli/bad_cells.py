"""Every bad cell of a file, told before the refusal of the whole."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def telling_bad_cells() -> Iterator[None]:
    """Tell each bad cell of a refused file with its rule and remedy, in the reader's language.

    Raises:
        RegistryFileError: What was refused.
    """
    from api.i18n import message_of, of_environment, remedy_of
    from trace_node.quota.registry.cells import RegistryFileError

    try:
        yield
    except RegistryFileError as error:
        language = of_environment()
        for cell in error.cells:
            typer.echo(f"{message_of(cell, language)}; {remedy_of(cell, language)}", err=True)
        raise
