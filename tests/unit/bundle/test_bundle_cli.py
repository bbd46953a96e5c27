"""``verify``, ``prove``, ``knowledge``, ``export`` and ``trust-root`` from the command line."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from support import bundles
from support.builders import COUNTER, Run
from support.bundle_reader import WorldReader
from support.bundles import START, STEP, FakeChain, World, period_world, trust_root
from support.provable import minute_at, minutes, provable, provable_trust_root
from support.stores import ORIGIN

from api import cli
from api.cli.prove_what import read_boundary
from api.cli.verify_direct import parser
from trace_node.errors import InputError
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.tlog.bundle_file import write_bundle_file

Say = Callable[..., tuple[int, str, str]]
INDEX = 8
LONG = timedelta(days=40_000)


@pytest.fixture(scope="module")
def world() -> World:
    return period_world()


@pytest.fixture
def folder(tmp_path: Path, world: World) -> Path:
    """A bundle, a period bundle, and a trust root that is in force whenever this test runs."""
    (tmp_path / "one.tnproof").write_bytes(world.bundle_file(INDEX))
    request = PeriodRequest(begin=START + STEP * 2, end=START + STEP * 10)
    (tmp_path / "period.tnproof").write_bytes(prove_period(request, reader=WorldReader(world)))
    (tmp_path / "root.json").write_bytes(_lasting_root().raw)
    return tmp_path


def _lasting_root(**changes: object) -> bundles.SignedTrustRoot:
    lasting = {"issued_at": START - LONG / 4, "expires_at": START + LONG}
    return trust_root(**{**lasting, **changes})


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run the command line in this process; gives exit code, output and complaints."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TN_LANG", "en")
    monkeypatch.delenv("TN_TRUST_ROOT", raising=False)

    def say(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["trace-node", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return say


def _chain(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    class Chain(FakeChain):
        def __init__(self, url: str) -> None:
            assert url == "http://127.0.0.1:8545"
            super().__init__(world.anchors)

        def close(self) -> None: ...

    monkeypatch.setattr("chain.light.LightChain", Chain)


class TestVerify:
    def test_a_line_for_each_check_and_exit_3_offline(self, run: Say) -> None:
        code, out, _ = run("verify", "one.tnproof", "--trust-root", "root.json", "--offline")
        assert code == 3
        lines = [line for line in out.splitlines() if line[:1] in "✓✗?" and line]
        assert len(lines) == 15
        assert "meter-1 active_energy = 105.0 kWh" in out
        assert "embedded (single operator)" in out
        assert out.splitlines()[-2:] == ["signed:   passed", "anchored: not done"]

    def test_exit_0_against_a_chain_and_its_operator_is_named(
        self, run: Say, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _chain(monkeypatch, world)
        code, out, _ = run(
            *("verify", "one.tnproof", "--trust-root", "root.json"),
            *("--rpc", "http://127.0.0.1:8545"),
        )
        assert code == 0
        assert "http://127.0.0.1:8545 was asked; its operator is trusted" in out
        assert out.splitlines()[-1] == "anchored: passed: live chain"

    def test_exit_1_when_altered(self, run: Say, folder: Path) -> None:
        raw = (folder / "one.tnproof").read_bytes()
        (folder / "one.tnproof").write_bytes(raw.replace(b'"block_number":1', b'"block_number":2'))
        code, out, _ = run("verify", "one.tnproof", "--trust-root", "root.json")
        assert code == 1
        assert "failed [bundle.digest]" in out
        assert "signed:   failed" in out

    @pytest.mark.parametrize(
        "words",
        [
            ("absent.tnproof", "--trust-root", "root.json"),
            ("one.tnproof", "--trust-root", "absent.json"),
            ("one.tnproof",),
            ("one.tnproof", "--trust-root", "root.json", "--offline", "--rpc", "http://x"),
            ("one.tnproof", "--trust-root", "root.json", "--rpc", "ftp://x"),
            ("one.tnproof", "--trust-root", "root.json", "--unknown"),
        ],
    )
    def test_exit_2_for_wrong_usage(self, run: Say, words: tuple[str, ...]) -> None:
        code, out, err = run("verify", *words)
        assert (code, out) == (2, "")
        assert err

    def test_exit_4_when_the_chain_does_not_answer(self, run: Say) -> None:
        code, out, _ = run(
            *("verify", "one.tnproof", "--trust-root", "root.json"), "--rpc", "http://127.0.0.1:1"
        )
        assert code == 4
        assert "signed:   passed" in out

    def test_the_words_of_a_stranger_are_shown_and_not_obeyed(self, run: Say, folder: Path) -> None:
        raw = (folder / "one.tnproof").read_bytes()
        members = json.loads(raw)
        members["\x1b[2J\x1b[32msigned:   passed"] = None
        (folder / "forged.tnproof").write_bytes(write_bundle_file(members))
        code, out, _ = run("verify", "forged.tnproof", "--trust-root", "root.json")
        assert code == 1
        assert r"\x1b[2J\x1b[32msigned:   passed: is not a member" in out
        assert not [word for word in out if not (word.isprintable() or word == "\n")]
        code, out, err = run("export", "forged.tnproof")
        assert (code, out) == (2, "")
        assert r"\x1b[2J" in err
        named = bundles.TrustedKey(name="passed\r\u202e", point=bundles.OWNER.public.point)
        (folder / "named.json").write_bytes(_lasting_root(owner=named).raw)
        code, out, _ = run("trust-root", "show", "named.json")
        assert code == 0
        assert r"passed\r\u202e" in out

    def test_json_says_the_same(self, run: Say) -> None:
        code, out, _ = run("verify", "one.tnproof", "--trust-root", "root.json", "-o", "json")
        said = json.loads(out)
        assert code == said["exit_code"] == 3
        assert said["outcome"] == {"signed": "passed", "anchored": "not_done"}
        assert [check["number"] for check in said["checks"]] == list(range(1, 16))
        assert said["record"]["value"] == "105.0"
        assert said["record"]["leaf_index"] == INDEX
        assert said["trust_root"]["fingerprint"] == _lasting_root().fingerprint
        assert said["live"] is None

    def test_a_period_shows_each_device(self, run: Say) -> None:
        code, out, _ = run("verify", "period.tnproof", "--trust-root", "root.json")
        assert code == 3
        assert "meter-1: 11 of 11 records of its chain are here" in out
        assert "active_energy: 8 readings and 0 failed reads of 8 planned" in out
        code, out, _ = run("verify", "period.tnproof", "--trust-root", "root.json", "-o", "json")
        said = json.loads(out)
        assert [device["device"] for device in said["period"]["devices"]] == ["meter-1", "meter-2"]
        assert said["period"]["devices"][0]["held"] == 11

    def test_the_trust_root_may_come_from_the_environment(
        self, run: Say, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TN_TRUST_ROOT", "root.json")
        assert run("verify", "one.tnproof")[0] == 3

    def test_the_succession_of_trust_roots_is_checked(self, run: Say, folder: Path) -> None:
        second = _lasting_root(version=2, predecessor=_lasting_root().digest)
        (folder / "second.json").write_bytes(second.raw)
        words = ("verify", "one.tnproof", "--trust-root", "second.json", "--predecessor")
        assert run(*words, "root.json")[0] == 3
        assert run(*words, "second.json")[0] == 1

    def test_in_chinese(self, run: Say, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TN_LANG", "zh_CN")
        code, out, _ = run("verify", "one.tnproof", "--trust-root", "root.json")
        assert code == 3
        assert "通过" in out.splitlines()[-2]
        assert "未做" in out.splitlines()[-1]
        assert "not done" not in out


class TestColdStart:
    def test_both_readers_take_the_same_options(self) -> None:
        from typer.main import get_command  # noqa: PLC0415

        (command,) = [get_command(cli.build(["verify"]))]
        command = getattr(command, "commands", {"verify": command}).get("verify", command)
        described = {
            name: param.required
            for param in command.params
            for name in param.opts
            if name[0] == "-"
        }
        direct = {
            name: action.required for action in parser()._actions for name in action.option_strings
        }
        described.pop("--help", None)
        assert direct == described

    def test_nothing_heavy_is_imported(self, folder: Path) -> None:
        heavy = [
            "fastapi",
            "sqlmodel",
            "sqlalchemy",
            "web3",
            "eth",
            "pydantic",
            "typer",
            "httpx",
            "gmssl",
            "alembic",
        ]
        script = (
            "import sys, atexit; from api.cli import main;"
            f"sys.argv=['trace-node','verify','one.tnproof','--trust-root','root.json'];"
            f"atexit.register(lambda: sys.stderr.write(repr([m for m in {heavy!r} if m in sys.modules])));"
            "main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (3, "[]"), done.stderr


class TestKnowledge:
    def test_a_table_for_people_and_one_for_programs(self, run: Say) -> None:
        words = ("knowledge", "period.tnproof", "--trust-root", "root.json")
        code, out, _ = run(*words)
        assert code == 3
        assert "0 of 17 were anchored later than 24 h after their time" in out
        assert "2026-11-21 01:15:00Z" in out
        code, out, _ = run(*words, "--late-after", 0, "-o", "json")
        said = json.loads(out)
        assert (said["late"], len(said["rows"])) == (17, 17)
        assert said["outcome"]["signed"] == "passed"

    def test_nothing_is_shown_of_what_did_not_verify(self, run: Say, folder: Path) -> None:
        raw = (folder / "one.tnproof").read_bytes()
        (folder / "one.tnproof").write_bytes(raw.replace(b'"block_number":1', b'"block_number":2'))
        code, out, err = run("knowledge", "one.tnproof", "--trust-root", "root.json")
        assert (code, out) == (1, "")
        assert "knowledge.not_verified" in err


class TestExport:
    def test_a_chainpoint_receipt_with_its_warning(self, run: Say, folder: Path) -> None:
        code, out, err = run("export", "one.tnproof", "--format", "chainpoint")
        assert code == 0
        assert json.loads(out)["type"] == "ChainpointSM3v2"
        assert "not a proof" in err
        assert run("export", "one.tnproof", "--out", "receipt.json")[0] == 0
        assert json.loads((folder / "receipt.json").read_text()) == json.loads(out)

    def test_other_forms_and_damaged_files_are_refused(self, run: Say, folder: Path) -> None:
        assert run("export", "one.tnproof", "--format", "pdf")[0] == 2
        (folder / "bad.tnproof").write_bytes((folder / "one.tnproof").read_bytes()[:-1])
        assert run("export", "bad.tnproof")[0] == 2


class TestTrustRoot:
    def test_show_and_check(self, run: Say) -> None:
        code, out, _ = run("trust-root", "show", "root.json", "-o", "json")
        shown = json.loads(out)
        assert code == 0
        assert shown["fingerprint"] == _lasting_root().fingerprint
        assert shown["validators"] == "single operator"
        words = ("trust-root", "check", "root.json", "--fingerprint")
        assert run(*words, shown["fingerprint"])[0] == 0
        code, _, err = run(*words, "sm3:" + 64 * "0")
        assert code == 1
        assert "trust_root.fingerprint" in err

    def test_renew_and_sign_make_a_successor(
        self, run: Say, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from trace_node.crypto import keys  # noqa: PLC0415

        monkeypatch.setenv("TN_PASSPHRASE", "correct horse battery")
        owner = keys.generate()
        keys.save(folder / "owner.pem", owner, "correct horse battery")
        name = bundles.TrustedKey(name="Consortium", point=owner.public.point)
        first = _lasting_root(owner=name, signer=owner)
        (folder / "first.json").write_bytes(first.raw)
        assert run("trust-root", "renew", "first.json", "--out", "draft.json")[0] == 0
        draft = json.loads((folder / "draft.json").read_text())
        assert draft["version"] == 2
        draft["witness_policy"] = bundles.witness_policy()
        (folder / "draft.json").write_text(json.dumps(draft))
        words = ("draft.json", "--key", "owner.pem", "--out", "second.json")
        code, _, err = run("trust-root", "sign", *words)
        assert code == 0, err
        code, _, err = run("trust-root", "check", "second.json", "--predecessor", "first.json")
        assert code == 0, err
        assert run("trust-root", "check", "first.json", "--predecessor", "second.json")[0] == 1

    @pytest.mark.parametrize("text", ["{", "[" * 60_000, "[" * 20_000 + "]" * 20_000])
    def test_a_draft_that_is_no_json_is_refused(self, run: Say, folder: Path, text: str) -> None:
        (folder / "draft.json").write_text(text)
        code, _, err = run(
            *("trust-root", "sign", "draft.json", "--key", "x.pem", "--out", "y.json")
        )
        assert code == 2
        # How deep the standard library can read is the interpreter's affair.
        assert "not JSON" in err or "must be an object" in err


@dataclass
class Home:
    """A node that is not running, with readings of 45 minutes."""

    folder: Path
    database: str
    first: int
    boot: bytes


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("node")
    (folder / "keys").mkdir()
    collector = Run()
    with provable(folder) as made:
        for first in (0, 15, 30):
            made.plant.deliver(collector.deliver(minutes(collector, first, first + 15)))
            made.settle()
        index = made.reader.record(device="meter-1", boot=collector.boot, seq=0).index
        yield Home(folder=folder, database=made.url, first=index, boot=collector.boot)


@pytest.mark.usefixtures("node")
class TestProve:
    @pytest.fixture
    def node(self, home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The node's settings, and its trust root in the working directory."""
        monkeypatch.setenv("TN_HOME", str(home.folder))
        monkeypatch.setenv("TN_DATABASE_URL", home.database)
        monkeypatch.setenv("TN_LOG", ORIGIN.split("/")[-2])
        (folder / "root.json").write_bytes(provable_trust_root().raw)

    def test_one_reading_named_in_three_ways(self, run: Say, home: Home, folder: Path) -> None:
        from trace_node.ids import to_base64url  # noqa: PLC0415

        code, out, err = run("prove", home.first + 2, "--out", "a.tnproof", "-o", "json")
        assert code == 0, err
        assert json.loads(out)["bytes"] == (folder / "a.tnproof").stat().st_size
        at = minute_at(2).isoformat()
        assert run("prove", "--device", "meter-1", "--meter-register", COUNTER,
                   "--at", at, "--out", "b.tnproof")[0] == 0  # fmt: skip
        assert run("prove", "--device", "meter-1", "--boot", to_base64url(home.boot),
                   "--seq", 2, "--out", "c.tnproof")[0] == 0  # fmt: skip
        files = {(folder / f"{name}.tnproof").read_bytes() for name in "abc"}
        assert len(files) == 1
        code, out, _ = run("verify", "a.tnproof", "--trust-root", "root.json", "-o", "json")
        assert (code, json.loads(out)["record"]["value"]) == (3, "3.00")

    def test_a_period_by_times_and_by_boundary(self, run: Say, folder: Path) -> None:
        times = ("--from", minute_at(5).isoformat(), "--to", minute_at(40).isoformat())
        assert run("prove", *times, "--meter", "meter-1", "--out", "p.tnproof")[0] == 0
        code, out, _ = run("verify", "p.tnproof", "--trust-root", "root.json", "-o", "json")
        said = json.loads(out)
        assert code == 3
        assert said["outcome"]["signed"] == "passed"
        assert said["period"]["devices"][0]["held"] == 37
        (folder / "site.toml").write_text('name = "site"\nmeters = ["meter-1"]\n')
        assert run("prove", *times, "--boundary", "site.toml", "--out", "q.tnproof")[0] == 0
        _, out, _ = run("verify", "q.tnproof", "--trust-root", "root.json", "-o", "json")
        assert json.loads(out)["period"]["scope"] == {"kind": "boundary", "name": "site"}

    def test_a_period_by_its_name(self, run: Say, folder: Path) -> None:
        assert run("prove", "--period", "2026-11-21T10", "--out", "p.tnproof")[0] == 0
        _, out, _ = run("verify", "p.tnproof", "--trust-root", "root.json", "-o", "json")
        said = json.loads(out)["period"]
        assert (said["from"], said["to"]) == (
            "2026-11-21T02:00:00.000Z",
            "2026-11-21T03:00:00.000Z",
        )
        assert (folder / "p.tnproof").is_file()

    @pytest.mark.parametrize(
        "words",
        [
            (),
            ("3", "--device", "meter-1"),
            ("--device", "meter-1", "--seq", "1"),
            ("--device", "meter-1", "--meter-register", "x", "--at", "yesterday"),
            ("--from", "2026-11-21T00:00:00Z"),
            ("--from", "2026-11-21", "--to", "2026-11-22"),
            ("--period", "November"),
            ("--period", "2026-11", "--meter", "a", "--boundary", "none.toml"),
            ("--period", "2026-11", "--boundary", "none.toml"),
            ("--period", "2026-11", "--meter", "meter-9"),
        ],
    )
    def test_what_cannot_be_meant_is_wrong_usage(
        self, run: Say, folder: Path, words: tuple[str, ...]
    ) -> None:
        code, _, err = run("prove", *words)
        assert code == 2, err
        assert not list(folder.glob("leaf-*"))

    def test_what_is_not_logged_is_not_proved(self, run: Say, folder: Path) -> None:
        assert run("prove", 10**6)[0] == 1
        assert run("prove", 0)[0] == 1
        assert not list(folder.glob("leaf-*"))


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "a = " + "[" * 60_000,
        'name = ""\nmeters = ["meter-1"]',
        'name = "site\\u001b[2J"\nmeters = ["meter-1"]',
        'name = "site"\nmeters = []',
        'name = "site"\nmeters = [1]',
    ],
)
def test_a_boundary_file_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "site.toml").write_text(text)
    with pytest.raises(InputError) as caught:
        read_boundary(tmp_path / "site.toml")
    assert caught.value.params["field"] == "boundary"
