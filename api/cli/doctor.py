"""``trace-node doctor``: is this machine fit, and which library serves what."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote, urlsplit

import typer

from api.cli.options import HomeOption, Output, OutputOption, show
from api.i18n import message_of, of_environment, remedy_of, translations
from api.settings import Settings

if TYPE_CHECKING:
    from trace_node.errors import TraceNodeError

MIN_FREE_BYTES = 1 << 30
GOOD, WARNING, BAD = "good", "warning", "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor.

    Attributes:
        about: What was looked at.
        state: ``good``, ``warning`` or ``bad``.
        detail: What was found.
        remedy: What to do about it; empty when nothing needs doing.
    """

    about: str
    state: str
    detail: str
    remedy: str = ""


def doctor(
    every: Annotated[
        bool, typer.Option("--every", help="Test every library, also those not in use (slower).")
    ] = False,
    home: HomeOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Look at cryptography, clock, disks, chain, ledger and keys; exit 1 if something is bad."""
    from api import settings as settings_module

    settings = settings_module.load(home=home)
    findings = [*_cryptography(every=every), _python(), *_disks(settings), *_files(settings)]
    findings += [_clock(), *_node_key(settings), *_chain(settings), *_ledger(settings)]
    if output is Output.JSON:
        show([asdict(finding) for finding in findings], output=output)
    else:
        gettext = translations(of_environment()).gettext
        for finding in findings:
            typer.echo(f"{finding.state:8} {finding.about:17} {finding.detail}")
            if finding.remedy:
                typer.echo(f"{'':26} → {gettext(finding.remedy)}")
    if any(finding.state == BAD for finding in findings):
        raise typer.Exit(1)


def _cryptography(*, every: bool) -> Iterator[Finding]:
    from trace_node.crypto import selftest

    statuses = selftest.report(every=every)
    for status in statuses:
        if status.state == "not tried":
            continue
        yield Finding(
            about=status.purpose,
            state=WARNING if status.state == "failed" else GOOD,
            detail=f"{status.provider} {status.state}" + (status.detail and f": {status.detail}"),
        )
    served = {status.purpose for status in statuses if status.state == "in use"}
    for purpose in sorted({status.purpose for status in statuses} - served):
        yield Finding(
            about=purpose,
            state=BAD,
            detail="no library gives the known answers",
            remedy="install OpenSSL 3 with SM2, SM3 and SM4, or the extra trace-node[fast]",
        )


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding(about="python", state=GOOD, detail=version)


def _disks(settings: Settings) -> Iterator[Finding]:
    folder = settings.home if settings.home.exists() else Path()
    free = shutil.disk_usage(folder).free
    yield Finding(
        about="disk",
        state=GOOD if free >= MIN_FREE_BYTES else BAD,
        detail=f"{free // (1 << 20)} MiB free at {folder.absolute()}",
        remedy="" if free >= MIN_FREE_BYTES else "make room before the spool and log fill the rest",
    )
    yield _archive(settings, folder)


def _archive(settings: Settings, folder: Path) -> Finding:
    from trace_node.errors import ConfigError
    from trace_node.store.archive import open_archive

    try:
        open_archive(settings.archive)
    except ConfigError as error:
        return _wrong("archive", error)
    archive = Path(unquote(urlsplit(settings.archive).path))
    place = next(each for each in (archive, *archive.parents) if each.exists())
    apart = place.stat().st_dev != folder.stat().st_dev
    return Finding(
        about="archive",
        state=GOOD if apart else WARNING,
        detail=f"{archive} is on {'another' if apart else 'the same'} disk",
        remedy="" if apart else "set TN_ARCHIVE_URL to another disk or machine",
    )


def _files(settings: Settings) -> Iterator[Finding]:
    from api.home import Home

    home = Home(settings.home)
    if not home.keys.is_dir():
        yield Finding(
            about="keys",
            state=WARNING,
            detail=f"{settings.home.absolute()} holds no node",
            remedy="make one with trace-node init",
        )
        return
    loose = [path.name for path in home.keys.iterdir() if path.stat().st_mode & 0o077]
    yield Finding(
        about="keys",
        state=BAD if loose else GOOD,
        detail=f"others may read {', '.join(loose)}" if loose else "readable by their owner alone",
        remedy="chmod 600 keys/*" if loose else "",
    )
    if home.next_anchor_key.exists():
        yield Finding(
            about="signer",
            state=BAD,
            detail="the change of the key that anchors broke off",
            remedy="stop the node and give trace-node chain rotate-signer again",
        )
    if home.passphrase.exists():
        yield Finding(
            about="passphrase",
            state=WARNING,
            detail="lies in a file beside the keys it protects",
            remedy="set TN_PASSPHRASE and delete the file",
        )


def _node_key(settings: Settings) -> Iterator[Finding]:
    """Until when the node signs, where it was started already."""
    from contextlib import closing

    from api.wiring.intake import identity_of
    from api.wiring.key_term import stored_key_term
    from trace_node.clock import SystemClock
    from trace_node.errors import TraceNodeError
    from trace_node.services.node_key_term import KeyState
    from trace_node.store.errors import StoreMissingError
    from trace_node.store.sql_store import open_store

    try:
        with closing(open_store(settings.database, identity=identity_of(settings))) as store:
            term = stored_key_term(settings, store.reader(), clock=SystemClock())
    except StoreMissingError:
        return
    except TraceNodeError as error:
        yield _wrong("node key", error)
        return
    if term is not None:
        states = {KeyState.GOOD: GOOD, KeyState.ENDS_SOON: WARNING, KeyState.ENDED: BAD}
        yield Finding(
            about="node key",
            state=states[term.state],
            detail=f"signs until {term.valid_to.isoformat()}",
            remedy=""
            if term.state is KeyState.GOOD
            else "register it anew: trace-node keys enrol FILE --usage node --subject NAME",
        )


def _clock() -> Finding:
    from collectors.runtime.clock_state import kernel_clock_state

    state = kernel_clock_state()
    good = state == "synchronised"
    return Finding(
        about="clock",
        state=GOOD if good else WARNING,
        detail=state,
        remedy="" if good else "run a time service (chrony or systemd-timesyncd)",
    )


def _chain(settings: Settings) -> Iterator[Finding]:
    if not settings.chain_url:
        yield Finding(
            about="chain",
            state=WARNING,
            detail="embedded (single operator): it proves nothing against its own operator",
            remedy="set TN_CHAIN_URL to a consortium chain, or have witnesses cosign",
        )
        return
    from api.home import Home
    from api.wiring.chain_side import expected_chain
    from chain.client import EvmClient
    from trace_node.errors import TraceNodeError

    home = Home(settings.home)
    try:
        client = EvmClient.connect(expected_chain(settings, home, settings.chain_url))
    except TraceNodeError as error:
        yield _wrong("chain", error)
        return
    client.close()
    yield Finding(about="chain", state=GOOD, detail=f"{client.shown}, chain id {client.chain_id}")


def _ledger(settings: Settings) -> Iterator[Finding]:
    """The contracts of the ledger against their record, where the chain is asked at all."""
    from api.home import Home
    from api.wiring.ledger_chain import ledger_connected
    from chain.addresses import checksum_address
    from trace_node.errors import TraceNodeError
    from trace_node.quota.ledger.kinds import Book

    home = Home(settings.home)
    if not settings.chain_url or not home.ledger.exists():
        return
    try:
        with ledger_connected(settings, home, url=settings.chain_url) as side:
            address = side.deployment.contracts[Book.ORDERS].address
    except TraceNodeError as error:
        yield _wrong("ledger", error)
        return
    yield Finding(about="ledger", state=GOOD, detail=f"as recorded: {checksum_address(address)}")


def _wrong(about: str, error: "TraceNodeError") -> Finding:
    return Finding(
        about=about,
        state=BAD,
        detail=message_of(error, of_environment()),
        remedy=remedy_of(error, of_environment()),
    )
