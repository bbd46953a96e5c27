"""``trace-node fsck`` and ``restore``: recompute everything; rebuild from the archive."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import HomeOption, Output, OutputOption, load, show
from api.i18n import of_environment, translations

if TYPE_CHECKING:
    from api.home import Home
    from api.settings import Settings
    from api.wiring.chain_side import ChainSide
    from trace_node.services.fsck_report import Report
    from trace_node.tlog.trust_root import SignedTrustRoot

NoChain = Annotated[
    bool, typer.Option("--no-chain", help="Do not ask the chain about the anchors.")
]

Derived = Annotated[
    bool,
    typer.Option(
        "--derived",
        help="Also compute increments, totals and states of device chains again; takes longer.",
    ),
]


def fsck(
    trust_root: Annotated[
        Path | None,
        typer.Option("--trust-root", help="Trust root; that in the home folder if left out."),
    ] = None,
    no_chain: NoChain = False,
    derived: Derived = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Recompute the whole log from record bodies and compare; exit 1 if something differs."""
    from api.wiring.helpers import signature_check
    from api.wiring.intake import identity_of
    from trace_node.services.fsck import Fsck
    from trace_node.store.archive import open_archive
    from trace_node.store.sql_store import open_store
    from trace_node.tlog.note_keys import log_verifier

    settings, files = load(home)
    root = _trust_root(trust_root or files.trust_root)
    with ExitStack() as stack:
        store = open_store(settings.database, identity=identity_of(settings))
        stack.callback(store.close)
        side = None if no_chain else stack.enter_context(_chain(settings, files))
        signatures = stack.enter_context(signature_check())
        told = stack.enter_context(progress_bar("fsck"))
        gc.freeze()  # to look through all that was imported again and again takes a tenth
        report = Fsck(
            store=store,
            archive=open_archive(settings.archive),
            verifiers=[log_verifier(key.vkey) for key in root.root.log_keys] if root else [],
            authorities=[key.public for key in root.root.device_authorities] if root else [],
            anchored_at=None
            if side is None
            else lambda size: side.registry.anchored_at(side.log_id, size),
            progress=told,
            signatures=signatures,
            derived=derived,
        ).run()
    _show_report(report, output)
    if not report.is_sound:
        raise typer.Exit(1)


def restore(no_chain: NoChain = False, home: HomeOption = None) -> None:
    """Bring the database up to the end of the archive; the node must not run meanwhile."""
    from api.running import only_one
    from api.wiring.intake import identity_of
    from trace_node.services.restore import Restore
    from trace_node.store.archive import open_archive
    from trace_node.store.sql_store import create_store

    settings, files = load(home)
    with ExitStack() as stack:
        stack.enter_context(only_one(files))
        store = create_store(settings.database, identity=identity_of(settings))
        stack.callback(store.close)
        head = None
        if not no_chain:
            side = stack.enter_context(_chain(settings, files, node_is_down=True))
            head = side.registry.head(side.log_id)
        told = stack.enter_context(progress_bar("restore"))
        restoring = Restore(store=store, archive=open_archive(settings.archive), progress=told)
        state = restoring.run(anchored=head)
    say = translations(of_environment()).gettext
    typer.echo(say("the log holds {size} entries").format(size=state.size))


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while long work goes on; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell


def _trust_root(path: Path) -> "SignedTrustRoot | None":
    from trace_node.tlog.trust_root import parse_trust_root, require_owner

    if not path.is_file():
        return None
    signed = parse_trust_root(path.read_bytes())
    require_owner(signed)
    return signed


@contextmanager
def _chain(
    settings: "Settings", files: "Home", *, node_is_down: bool = False
) -> "Iterator[ChainSide]":
    from api.wiring.chain_child import endpoint, reachable
    from api.wiring.chain_side import connected
    from trace_node.clock import SystemClock

    with (
        (endpoint if node_is_down else reachable)(settings, files) as url,
        connected(settings, files, url=url, clock=SystemClock(), deploy=False) as side,
    ):
        yield side


def _show_report(report: "Report", output: Output) -> None:
    say = translations(of_environment()).gettext
    problems = [
        {
            "code": problem.code,
            "index": problem.index,
            "message": say(problem.template).format(**problem.params),
        }
        for problem in report.problems
    ]
    if output is Output.JSON:
        show(
            {
                "sound": report.is_sound,
                "size": report.size,
                "counts": report.counts,
                "not_done": list(report.not_done),
                "problems": problems,
            },
            output=output,
        )
        return
    for problem in problems:
        typer.echo(f"{problem['code']}: {problem['message']}")
    counts = ", ".join(f"{number} {what}" for what, number in report.counts.items())
    typer.echo(counts)
    if report.not_done:
        typer.echo(say("not done: {names}").format(names=", ".join(report.not_done)))
    verdict = say("the log is sound") if report.is_sound else say("the log is not sound")
    typer.echo(verdict)
