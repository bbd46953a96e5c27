"""Every command with bad input, as installed: exit code, place, rule, remedy, in two languages."""

import re
import shlex
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.collector_setup import ROOT
from support.command import command
from support.node_process import make_home, run
from support.usual_engine import SQLITE

from api import settings as settings_module
from api.wiring.intake import identity_of
from trace_node.store.sql_store import create_store

PLANT = ROOT / "infra" / "plant"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LANGUAGES = {"en": ("C.UTF-8", "error", "remedy"), "zh_CN": ("zh_CN.UTF-8", "错误", "处理办法")}
KEY = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"  # an address with its checksum
NO_CHAIN = "http://127.0.0.1:9"  # the discard port: nothing of ours listens there
Spoil = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """A command that must be refused.

    Attributes:
        command: What is typed; ``HOME`` and ``ROOM`` stand for the node's home and the test's room.
        code: Dotted code of the refusal.
        names: What its message must name.
        exit: Exit code.
        spoil: What is wrong with the home.
        env: Variables that are set.
    """

    command: str
    code: str
    names: str
    exit: int = 2
    spoil: Spoil | None = None
    env: dict[str, str] = field(default_factory=dict)


def settings(text: str) -> Spoil:
    """Another ``trace-node.toml``."""

    def spoil(home: Path) -> None:
        (home / "trace-node.toml").write_bytes(text.encode(errors="surrogateescape"))

    return spoil


def started(home: Path) -> None:
    """The database as a first start leaves it."""
    found = settings_module.load(home=home)
    create_store(found.database, identity=identity_of(found)).close()


def other_schema(home: Path) -> None:
    started(home)
    with sqlite3.connect(home / "node.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()


def renamed(home: Path) -> None:
    started(home)
    settings('log = "another"')(home)


def settings_folder(home: Path) -> None:
    (home / "trace-node.toml").unlink()
    (home / "trace-node.toml").mkdir()


def readable_key(home: Path) -> None:
    (home / "keys" / "node.pem").chmod(0o644)


def readable_passphrase(home: Path) -> None:
    (home / "passphrase").chmod(0o644)


def no_passphrase(home: Path) -> None:
    (home / "passphrase").unlink()


def damaged_tokens(home: Path) -> None:
    (home / "tokens.json").write_text("[")


def no_database(home: Path) -> None:
    (home / "node.db").write_bytes(b"no database" * 1000)


def short_link_secret(home: Path) -> None:
    (home / "keys" / "links.bin").write_bytes(b"short")


def damaged_ledger(home: Path) -> None:
    (home / "ledger-deployment.json").write_text("{}\n")
    (home / "chain.db").touch()  # the record alone would be of a chain that is gone


def foreign_registration(home: Path) -> None:
    path = home / "registrations" / "000000.json"
    path.write_text(path.read_text().replace("plant-a", "plant-b"))


CASES = {
    # The command line itself.
    "no such command": Case("nosuch", "input.usage", "nosuch"),
    "no such command of a group": Case("keys nosuch", "input.usage", "nosuch"),
    "no such option": Case("status --colour", "input.usage", "--colour"),
    "one argument too many": Case("status more", "input.usage", "more"),
    "an option without its value": Case("status --home", "input.usage", "--home"),
    "an argument is missing": Case("keys show", "input.usage", "path"),
    "a number that is none": Case("prove x", "input.usage", "index"),
    "a number below its bound": Case("prove -- -1", "input.usage", "index"),
    "a port above its bound": Case("up --port 70000", "input.usage", "--port"),
    "a form of answer that is none": Case("doctor -o xml", "input.usage", "--output"),
    "a role that is none": Case("tokens issue x --role king", "input.usage", "--role"),
    "a time that is none": Case("simulate HOME --start soon", "input.usage", "--start"),
    "verify: nothing": Case("verify", "input.usage", "--trust-root"),
    "verify: no such option": Case("verify a --trust-root b --colour", "input.usage", "--colour"),
    "verify: no value": Case("verify a --trust-root", "input.usage", "--trust-root"),
    "verify: form of answer": Case("verify a --trust-root b -o xml", "input.usage", "--output"),
    # No node, or not this one.
    **{
        f"no node: {command}": Case(f"{command} --home ROOM/none", "config", "ROOM/none")
        for command in (
            *("up", "status", "chain status", "chain deploy", "chain serve", "fsck", "restore"),
            f"ledger join {KEY}",
            *("prove 0", "keys log", "tokens list", "tokens issue x --role verifier"),
            *("tokens revoke x", f"meters enrol {PLANT}/steel.points.toml"),
            f"keys enrol {PLANT}/steel.points.toml --subject x",
        )
    },
    "a home twice": Case("init --home HOME", "config", "HOME"),
    "a home where none can be": Case("init --home /proc/none", "config.home", "/proc/none"),
    "a database of another version": Case(
        "status --home HOME", "store.schema", "9999", spoil=other_schema
    ),
    "a database of another log": Case(
        "fsck --home HOME --no-chain", "store.other_log", "database_url", spoil=renamed
    ),
    "a database that is none": Case("status --home HOME", "store.corrupt", "", 1, no_database),
    # Settings.
    "TOML that is none": Case("status --home HOME", "config.syntax", "trace-node.toml", spoil=settings("port = ")),
    "TOML not in UTF-8": Case("status --home HOME", "config.syntax", "trace-node.toml", spoil=settings('log = "\udcff"')),
    "TOML that is a folder": Case("status --home HOME", "config.file", "trace-node.toml", spoil=settings_folder),
    "an unknown setting": Case("status --home HOME", "config.setting", "colour", spoil=settings("colour = 1")),
    "a setting of another type": Case("status --home HOME", "config.setting", "port", spoil=settings('port = "x"')),
    "a setting out of its range": Case("doctor --home HOME", "config.setting", "seal_interval", spoil=settings("seal_interval = 0")),
    "a setting that is no choice": Case("up --home HOME", "config.setting", "language", spoil=settings('language = "fr"')),
    "an origin without its hash": Case("up --home HOME", "config.setting", "origin", spoil=settings('origin = "plant"')),
    "a wrong variable": Case("status --home HOME", "config.setting", "port", env={"TN_PORT": "x"}),
    "a list that is none": Case("up --home HOME", "config.setting", "witnesses", env={"TN_WITNESSES": "x"}),
    "a name with a space": Case("init --home ROOM/new --organisation 'a b'", "config.setting", "organisation"),
    # Keys.
    "a key that others may read": Case("keys show HOME/keys/node.pem --home HOME", "config.key_file.mode", "node.pem", spoil=readable_key),
    "up with such a key": Case("up --home HOME", "config.key_file.mode", "node.pem", spoil=readable_key, env={"TN_CHAIN_URL": ""}),
    "a passphrase that others may read": Case("keys log --home HOME", "config.key_file.mode", "passphrase", spoil=readable_passphrase),
    "no passphrase": Case("keys log --home HOME", "config", "passphrase", spoil=no_passphrase),
    "a wrong passphrase": Case("keys log --home HOME", "config.key_file.passphrase", "log.pem", env={"TN_PASSPHRASE": "quite wrong words"}),
    "a short passphrase": Case("init --home ROOM/new", "input.parameter.passphrase", "passphrase", env={"TN_PASSPHRASE": "short"}),
    "no key file": Case("keys show ROOM/none.pem --home HOME", "config.key_file.open", "none.pem"),
    "a file that is no key": Case("keys show HOME/passphrase --home HOME", "config.key_file.pem", "passphrase"),
    "a key over another": Case("keys generate HOME/keys/node.pem --home HOME", "config.key_file.exists", "node.pem"),
    "a subject that is no name": Case("keys enrol HOME/keys/node.pem --subject 'a b' --home HOME", "record.subject", "subject"),
    "no point list": Case("meters enrol ROOM/none.toml --home HOME", "collector.points.unreadable", "none.toml"),
    "a registration of another log": Case("up --home HOME", "config.registration", "000000.json", spoil=foreign_registration),
    "a damaged secret of links": Case("up --home HOME", "config.link_secret", "links.bin", spoil=short_link_secret),
    # Tokens.
    "a token of no name": Case("tokens issue 'a b' --role verifier --home HOME", "input", "name"),
    "no such token": Case("tokens revoke nobody --home HOME", "not_found", "nobody", 1),
    "a damaged file of tokens": Case("tokens list --home HOME", "config", "tokens.json", spoil=damaged_tokens),
    # Places of the world.
    "a port in use": Case("up --home HOME --port PORT", "config", "PORT"),
    "no chain": Case("chain status --home HOME", "chain.unavailable", NO_CHAIN, 4, env={"TN_CHAIN_URL": NO_CHAIN}),
    "no chain at the start": Case("up --home HOME", "chain.unavailable", NO_CHAIN, 4, env={"TN_CHAIN_URL": NO_CHAIN}),
    "no contract": Case("chain status --home HOME", "config.not_deployed", "deployment.json"),
    "a URL that is of no chain": Case("chain status --home HOME", "config.setting", "chain_url", env={"TN_CHAIN_URL": "ftp://x"}),
    # The ledger.
    "a ledger of nobody": Case("ledger deploy --home HOME", "input.usage", "--administrator"),
    "a ledger of one": Case(f"ledger deploy --administrator {KEY} --home HOME", "chain.ledger.administrators", "administrators"),
    "a ledger of one twice": Case(f"ledger deploy --administrator {KEY} --administrator {KEY} --home HOME", "chain.ledger.administrators", KEY),
    "an administrator that is no address": Case("ledger deploy --administrator 0x12 --home HOME", "chain.address", "--administrator"),
    "an address that was mistyped": Case(f"ledger join {KEY[:-1]}2 --home HOME", "chain.address", "address"),
    "a delay of nothing": Case(f"ledger deploy --administrator {KEY} --role-delay 0 --home HOME", "input.usage", "--role-delay"),
    "no such ledger": Case(f"ledger join {KEY} --home HOME", "chain.ledger.code", "AllowanceRegistry"),
    "no chain to join on": Case(f"ledger join {KEY} --home HOME", "chain.unavailable", NO_CHAIN, 4, env={"TN_CHAIN_URL": NO_CHAIN}),
    "a ledger over a damaged record": Case(f"ledger deploy --administrator {KEY} --home HOME", "chain.ledger.file", "ledger-deployment.json", spoil=damaged_ledger),
    "a ledger over another": Case(f"ledger join {KEY} --home HOME", "chain.ledger.file", "ledger-deployment.json", spoil=damaged_ledger),
    "a database of another kind": Case("up --home HOME", "store.url", "database_url", env={"TN_DATABASE_URL": "mysql://x"}),
    "an archive of another kind": Case("up --home HOME", "archive.url", "archive_url", env={"TN_ARCHIVE_URL": "s3://x"}),
    "an archive that cannot be written": Case("up --home HOME", "archive.io", "/proc", 4, env={"TN_ARCHIVE_URL": "file:///proc/none"}),
    # Evidence.
    "no such entry": Case("prove 5 --home HOME", "log.no_entry", "5", 1, spoil=started),
    "no database to prove from": Case("prove 5 --home HOME", "store.missing", "node.db"),
    "a period that is none": Case("prove --period 2026-13 --home HOME", "period.name", "2026-13", spoil=started),
    "half a period": Case("prove --from 2026-11-21T00:00:00Z --home HOME", "input.what", "--period", spoil=started),
    "a device that is none": Case("prove --period 2026 --meter meter-9 --home HOME", "prove.unknown_device", "meter-9", spoil=started),
    "no trust root": Case("verify HOME/passphrase --trust-root ROOM/none", "input.file", "ROOM/none"),
    "no bundle": Case("export ROOM/none", "input.file", "ROOM/none"),
    "another form of export": Case("export HOME/passphrase --format pdf", "input", "--format"),
    # Collectors.
    "no collector": Case("collect ROOM/none", "collector.settings.unreadable", "ROOM/none"),
    "no plant": Case("simulate ROOM/none", "collector.plant.unreadable", "ROOM/none"),
    "a fault that is none": Case(f"simulate {PLANT}/cement-line.plant.toml --fault bad", "collector.plant.fault", "--fault"),
    "no table": Case(f"replay ROOM/none --map {PLANT}/steel.map.toml", "collector.replay.file", "ROOM/none"),
    "a demo without its plant": Case("demo --once --plants ROOM --home ROOM/demo", "config", "ROOM"),
    # Witnesses.
    "no witness": Case("witness keys --home ROOM/none", "config", "ROOM/none"),
    "a witness of no name": Case("witness init 'a b' --home ROOM/none", "tlog.note.format", "name"),
}  # fmt: skip

SERVING = (
    "up",
    "simulate",
    "collect",
    "replay",
    "demo",
    "chain serve",
)  # they change their process


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A port that is in use."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def refused(case: Case, room: Path, port: int, *, language: str, installed: bool) -> None:
    """Require that a case is refused as it says, in ``language``."""
    home = make_home(room / "home", engine=SQLITE)
    if case.spoil is not None:
        case.spoil(home)
    places = {"HOME": str(home), "ROOM": str(room), "PORT": str(port)}
    words = [_filled(word, places) for word in shlex.split(case.command)]
    locale, error, remedy = LANGUAGES[language]
    if installed or case.command.startswith(SERVING):
        done = run(*words, LC_ALL=locale, **case.env)
        code, said = done.returncode, done.stdout + done.stderr
    else:
        ended = command(*words, LC_ALL=locale, **case.env)
        code, said = ended.code, ended.out + ended.err
    assert "Traceback" not in said, said
    complaint = re.search(rf"^{error}: (.*) \[([a-z0-9_.]+)\]\n{remedy}: (.+)$", said, re.MULTILINE)
    assert complaint, said
    message, reason, cure = complaint.groups()
    assert (code, reason) == (case.exit, case.code), said
    assert _filled(case.names, places) in message
    assert "quite wrong words" not in said  # the passphrase that was tried
    if language == "zh_CN":
        assert CHINESE.search(message), message
        assert CHINESE.search(cure), cure


def _filled(text: str, places: dict[str, str]) -> str:
    return re.sub("HOME|ROOM|PORT", lambda found: places[found[0]], text)


def quick() -> Iterator[tuple[str, str]]:
    """Each case in each language; one that starts a process in English alone."""
    for name, case in CASES.items():
        yield name, "en"
        if not case.command.startswith(SERVING):
            yield name, "zh_CN"


@pytest.mark.parametrize(("name", "language"), quick())
def test_bad_input_is_named_with_its_remedy(
    tmp_path: Path, port: int, name: str, language: str
) -> None:
    refused(CASES[name], tmp_path, port, language=language, installed=False)


@pytest.mark.soak
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_the_installed_command_says_the_same(
    tmp_path: Path, port: int, name: str, language: str
) -> None:
    refused(CASES[name], tmp_path, port, language=language, installed=True)
