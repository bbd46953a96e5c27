"""What an operator types: init, status, doctor, keys, meters, chain; and what goes wrong there."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from support.chains import outside_chain
from support.cheap_keys import make_cheap_keys
from support.collector_setup import ROOT
from support.command import command
from support.usual_engine import SQLITE
from support.wired import new_home, started_home, up, wait_for

from api.home import Home
from api.running import Running, only_one
from api.settings import CONFIG_FILE
from api.settings import load as load_settings
from api.wiring.chain_child import reachable
from api.wiring.ledger_chain import ledger_connected, ledger_endpoint
from chain.config import ChainConfig
from trace_node.errors import ConfigError
from trace_node.quota.ledger.kinds import Book


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was made and never started; not to be changed."""
    return new_home(tmp_path_factory.mktemp("made") / "home")


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    make_cheap_keys(monkeypatch)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return new_home(tmp_path / "home")


class TestInit:
    @pytest.mark.usefixtures("quick_keys")
    def test_a_new_home_is_told_and_private(self, tmp_path: Path) -> None:
        done = command("init", "--home", tmp_path / "home", "--organisation", "plant", "--log", "a")
        assert done.code == 0
        assert f"trace-node up --home {tmp_path / 'home'}" in done.out
        files = Home(tmp_path / "home")
        assert files.passphrase.stat().st_mode & 0o077 == 0
        assert files.passphrase.read_text().strip() not in done.out + done.err
        assert all(path.stat().st_mode & 0o077 == 0 for path in files.keys.iterdir())
        assert len(list(files.registrations.iterdir())) == 3

    def test_a_home_is_not_made_over_another(self, made: Path) -> None:
        before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
        done = command("init", "--home", made)
        assert (done.code, done.complaint[1]) == (2, "config")
        assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before

    @pytest.mark.usefixtures("quick_keys")
    def test_after_a_wrong_name_it_can_be_made(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        for wrong in ("two words", "é", 'x"\nport = 1', ""):
            done = command("init", "--home", home, "--organisation", wrong)
            assert (done.code, done.complaint[1]) == (2, "config.setting")
            assert "organisation" in done.complaint[0]
        assert not (home / CONFIG_FILE).exists()
        assert command("init", "--home", home).code == 0

    @pytest.mark.usefixtures("quick_keys")
    def test_after_a_short_passphrase_it_can_be_made(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        done = command("init", "--home", home, TN_PASSPHRASE="short")  # noqa: S106 - a wrong one
        assert done.complaint[1] == "input.parameter.passphrase"
        assert command("init", "--home", home, TN_PASSPHRASE="good" * 9).code == 0
        assert not Home(home).passphrase.exists()

    @pytest.mark.usefixtures("quick_keys")
    def test_flags_go_before_the_environment(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        names = ("--organisation", "ours", "--log", "ours")
        env = {"TN_ORGANISATION": "theirs", "TN_LOG": "theirs"}
        assert command("init", "--home", home, *names, **env).code == 0
        for path in Home(home).registrations.iterdir():
            said = json.loads(path.read_bytes())
            assert (said["organisation"], said["log"]) == ("ours", "trace-node.local/ours/sm3")

    @pytest.mark.parametrize("folder", ["/proc/nowhere", "/dev/null/home"])
    def test_a_folder_that_cannot_be_made_is_named(self, folder: str) -> None:
        done = command("init", "--home", folder)
        assert (done.code, done.complaint[1]) == (2, "config.home")
        assert folder in done.complaint[0]


class TestStatus:
    def test_before_the_first_start_nothing_is_made(self, made: Path) -> None:
        done = command("status", "--home", made, "-o", "json")
        assert done.code == 0
        said = json.loads(done.out)
        assert (said["node"], said["received"], said["links"]) == ("stopped", 0, [])
        assert not (made / "node.db").exists()

    def test_of_a_node_that_is_starting(self, made: Path) -> None:
        with only_one(Home(made)):
            done = command("status", "--home", made, "-o", "json")
        assert (done.code, json.loads(done.out)["node"]) == (0, "starting")

    def test_of_a_node_that_was_started(self, tmp_path: Path) -> None:
        home = started_home(tmp_path / "home")
        said = json.loads(command("status", "--home", home, "-o", "json").out)
        assert said["received"] >= said["checkpointed"] >= said["final"]
        assert said["received"] == 5  # three keys, a collector's key, a meter
        assert (said["findings"], said["conflicts"]) == (0, 0)

    def test_no_credentials_of_the_chain_are_shown(self, made: Path) -> None:
        url = "https://user:hunter2@rpc.example/v3/0123456789abcdef?key=hunter3"
        with only_one(Home(made)) as announcement:
            announcement.write(Running(pid=1, url="http://127.0.0.1:1", chain_url=url))
            done = command("status", "--home", made)
        assert "https://rpc.example/v3/…" in done.out
        assert not any(word in done.out for word in ("hunter", "user", "0123456789abcdef"))

    def test_a_folder_without_a_node(self, tmp_path: Path) -> None:
        done = command("status", "--home", tmp_path)
        assert (done.code, done.complaint[1]) == (2, "config")
        assert "trace-node init" in done.remedy

    def test_a_database_that_is_none(self, tmp_path: Path) -> None:
        home = new_home(tmp_path / "home", engine=SQLITE)
        (home / "node.db").write_bytes(b"no database" * 1000)
        done = command("status", "--home", home)
        assert (done.code, done.complaint[1]) == (1, "store.corrupt")


class TestDoctor:
    def findings(self, *arguments: object, **env: str) -> tuple[int, dict[str, dict[str, str]]]:
        done = command("doctor", *arguments, "-o", "json", **env)
        return done.code, {item["about"]: item for item in json.loads(done.out)}

    def test_keys_that_others_may_read_are_bad(self, home: Path) -> None:
        Home(home).node_key.chmod(0o640)
        code, found = self.findings("--home", home)
        assert (code, found["keys"]["state"]) == (1, "bad")
        assert "node.pem" in found["keys"]["detail"]

    def test_a_passphrase_beside_the_keys_is_a_warning(self, made: Path) -> None:
        _, found = self.findings("--home", made)
        assert found["passphrase"]["state"] == "warning"
        assert found["keys"]["state"] == "good"

    def test_an_archive_nobody_can_open_is_bad(self, made: Path) -> None:
        code, found = self.findings("--home", made, TN_ARCHIVE_URL="s3://bucket/archive")
        assert (code, found["archive"]["state"]) == (1, "bad")

    def test_an_archive_on_the_same_disk_is_a_warning(self, made: Path) -> None:
        _, found = self.findings("--home", made)
        assert found["archive"]["state"] == "warning"
        _, found = self.findings("--home", made, TN_ARCHIVE_URL="file:///proc")
        assert found["archive"]["state"] == "good"

    def test_a_chain_that_does_not_answer_is_bad_and_its_secrets_stay(self, made: Path) -> None:
        code, found = self.findings(
            "--home", made, TN_CHAIN_URL="http://user:hunter2@127.0.0.1:1/v3/hunter3"
        )
        assert (code, found["chain"]["state"]) == (1, "bad")
        assert "hunter" not in json.dumps(found)

    def test_another_chain_than_the_recorded_one_is_bad(self, tmp_path: Path) -> None:
        home, other = started_home(tmp_path / "home"), new_home(tmp_path / "other", log="other")
        with up(other) as it:
            code, found = self.findings("--home", home, TN_CHAIN_URL=it.node.chain.url)
            assert (code, found["chain"]["state"]) == (1, "bad")
            assert "block 0" in found["chain"]["detail"]
            code, found = self.findings("--home", other, TN_CHAIN_URL=it.node.chain.url)
            assert found["chain"]["state"] == "good"


ADMINISTRATORS = (
    *("--administrator", "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"),
    *("--administrator", "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF"),
)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a ledger; each test has a copy."""
    home = new_home(tmp_path_factory.mktemp("ledger") / "home")
    assert command("ledger", "deploy", *ADMINISTRATORS, "--home", home).code == 0
    return home


class TestLedger:
    @pytest.fixture
    def home(self, deployed: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(deployed, tmp_path / "home"))

    def test_a_ledger_is_deployed_once_and_joined_from_elsewhere(
        self, home: Path, tmp_path: Path
    ) -> None:
        recorded = Home(home).ledger.read_bytes()
        deploy = ("ledger", "deploy", *ADMINISTRATORS, "-o", "json", "--home", home)
        first = json.loads(command(*deploy).out)
        assert Home(home).ledger.read_bytes() == recorded
        assert first["first_block"] == 1
        with outside_chain(home / "chain.db") as url:
            other, chain = new_home(tmp_path / "other"), {"TN_CHAIN_URL": url}
            join = ("ledger", "join", first["AllowanceRegistry"], "-o", "json", "--home", other)
            assert json.loads(command(*join, **chain).out) == first
            again = command(*join, **chain)
            found = json.loads(command("doctor", "--home", other, "-o", "json", **chain).out)
            assert {"about": "ledger", "state": "good", "remedy": ""}.items() <= found[-1].items()
            assert first["AllowanceRegistry"] in found[-1]["detail"]
            lots = first["LotBook"].encode()
            record = Home(other).ledger
            recorded = record.read_bytes()
            record.write_bytes(recorded.replace(lots, first["RuleBook"].encode()))
            bad = command("doctor", "--home", other, "-o", "json", **chain)
            assert (bad.code, json.loads(bad.out)[-1]["state"]) == (1, "bad")
            assert "LotBook" in json.loads(bad.out)[-1]["detail"]
        assert recorded == Home(home).ledger.read_bytes()
        assert (again.code, again.complaint[1]) == (2, "chain.ledger.recorded")

    def test_what_connects_to_it_finds_it_or_says_what_to_do(self, home: Path, made: Path) -> None:
        with (
            pytest.raises(ConfigError) as caught,
            ledger_connected(load_settings(home=made), Home(made), url="http://127.0.0.1:9"),
        ):
            pass
        assert caught.value.reason == "config.no_ledger"
        settings = load_settings(home=home)
        files = Home(home)
        with (
            reachable(settings, files) as url,
            ledger_connected(settings, files, url=url) as side,
        ):
            step = side.follower.step(side.follower.begin())
            assert side.reader.event_counts(step.tip)[Book.ACCESS] == len(step.events) == 2
        other = settings.model_copy(update={"chain_engine": "besu"})
        with pytest.raises(ConfigError) as caught:
            ledger_endpoint(other, files, "http://127.0.0.1:9")
        assert caught.value.reason == "config.chain_engine"

    def test_a_chain_that_is_gone_is_not_begun_anew(self, home: Path) -> None:
        (home / "chain.db").unlink()
        done = command("ledger", "deploy", *ADMINISTRATORS, "--home", home)
        assert (done.code, done.complaint[1]) == (2, "config.chain_file")
        assert "ledger-deployment.json" in done.complaint[0]


class TestChain:
    def test_before_a_deployment_it_says_what_to_do(self, made: Path) -> None:
        done = command("chain", "status", "--home", made)
        assert (done.code, done.complaint[1]) == (2, "config.not_deployed")
        assert "chain deploy" in done.remedy

    def test_deploying_twice_deploys_once(self, home: Path) -> None:
        first, second = (
            json.loads(command("chain", "deploy", "--home", home, "-o", "json").out)
            for _ in range(2)
        )
        endpoints = {first.pop("endpoint"), second.pop("endpoint")}
        assert all(url.startswith("http://127.0.0.1:") for url in endpoints)
        assert first == second
        assert first["size"] == 0

    def test_a_running_node_serves_its_chain(self, tmp_path: Path) -> None:
        home = started_home(tmp_path / "home")
        with only_one(Home(home)) as announcement, up(home) as it:
            url = it.node.chain.url
            announcement.write(Running(pid=os.getpid(), url="", chain_url=url))
            said = json.loads(command("chain", "status", "--home", home, "-o", "json").out)
        assert said["endpoint"] == url
        assert said["log_id"] == "0x" + it.node.chain.log_id.hex()

    def test_the_newest_checkpoint_is_anchored_on_demand(self, tmp_path: Path) -> None:
        home = started_home(tmp_path / "home")
        with only_one(Home(home)) as announcement, up(home, anchor_interval=3600) as it:
            announcement.write(Running(pid=os.getpid(), url="", chain_url=it.node.chain.url))
            it.deliver()
            size = it.node.services.reader.progress().received
            wait_for(lambda: it.checkpointed() >= size)
            assert it.final() < size
            done = command("chain", "anchor", "--home", home, "-o", "json")
            assert done.code == 0, done.err
            said = json.loads(done.out)
            assert (said["pending"], said["final"]) == (0, True)
            assert size <= said["size"] <= it.final()
        again = command("chain", "anchor", "--home", home, "-o", "json")
        assert again.code == 0  # the node is down now: its chain is started for the command
        assert json.loads(again.out)["size"] >= said["size"]

    def test_what_is_not_final_in_time_is_pending(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = started_home(tmp_path / "home")
        with only_one(Home(home)) as announcement, up(home, anchor_interval=3600) as it:
            announcement.write(Running(pid=os.getpid(), url="", chain_url=it.node.chain.url))
            it.deliver()
            size = it.node.services.reader.progress().received
            wait_for(lambda: it.checkpointed() >= size)
            monkeypatch.setattr(ChainConfig, "depth", 5)  # an embedded chain makes no empty block
            done = command("chain", "anchor", "--wait", "0", "--home", home, "-o", "json")
        said = json.loads(done.out)
        assert (done.code, said["pending"], said["final"]) == (3, 0, False)

    def test_a_starting_node_is_not_taken_for_a_stopped_one(self, made: Path) -> None:
        with only_one(Home(made)):
            done = command("chain", "status", "--home", made)
        assert (done.code, done.complaint[1]) == (2, "config.starting")

    def test_a_wrong_passphrase(self, tmp_path: Path) -> None:
        home = started_home(tmp_path / "home")
        done = command("chain", "status", "--home", home, TN_PASSPHRASE="another " * 2)
        assert (done.code, done.complaint[1]) == (2, "chain.key_file.passphrase")
        assert "another" not in done.err


class TestKeys:
    def test_a_key_is_made_shown_and_enrolled(self, home: Path, tmp_path: Path) -> None:
        path = tmp_path / "gateway.pem"
        made = command("keys", "generate", path, "--home", home)
        assert made.code == 0
        shown = json.loads(command("keys", "show", path, "--home", home, "-o", "json").out)
        assert shown["fingerprint"] in made.out
        done = command("keys", "enrol", path, "--subject", "gateway", "--home", home)
        assert done.code == 0
        newest = max(Home(home).registrations.iterdir())
        assert json.loads(newest.read_bytes())["key_id"] == shown["key_id"]

    def test_a_key_is_enrolled_by_its_point_alone(self, home: Path, tmp_path: Path) -> None:
        path = tmp_path / "gateway.pem"
        assert command("keys", "generate", path, "--home", home).code == 0
        shown = json.loads(command("keys", "show", path, "--home", home, "-o", "json").out)
        path.unlink()
        named = ("--point", shown["point"], "--subject", "gateway")
        done = command("keys", "enrol", *named, "--home", home)
        assert done.code == 0, done.err
        newest = max(Home(home).registrations.iterdir())
        assert json.loads(newest.read_bytes())["key_id"] == shown["key_id"]

    def test_a_key_of_the_log_is_bound_to_the_address_that_anchors_it(self, home: Path) -> None:
        files = Home(home)
        named = ("--usage", "log", "--subject", "log-2")
        assert command("keys", "enrol", files.node_key, *named, "--home", home).code == 0
        newest = json.loads(max(files.registrations.iterdir()).read_bytes())
        anchor = json.loads(files.anchor_key.read_bytes())["address"]
        assert newest["address"].lower() == f"0x{anchor.removeprefix('0x').lower()}"

    @pytest.mark.parametrize(
        "named",
        [(), ("HOME/keys/node.pem", "--point", "BA"), ("--point", "BA"), ("--point", "%")],
        ids=["no key", "two keys", "a point too short", "no base64url"],
    )
    def test_a_key_that_is_not_named_once_and_well(self, made: Path, named: tuple[str]) -> None:
        words = [word.replace("HOME", str(made)) for word in named]
        before = sorted(Home(made).registrations.iterdir())
        done = command("keys", "enrol", *words, "--subject", "x", "--home", made)
        assert done.code == 2
        assert done.complaint
        assert sorted(Home(made).registrations.iterdir()) == before

    def test_a_key_is_never_overwritten(self, made: Path) -> None:
        before = Home(made).node_key.read_bytes()
        done = command("keys", "generate", Home(made).node_key, "--home", made)
        assert done.code == 2
        assert Home(made).node_key.read_bytes() == before

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("--subject", "two words"), "record.subject"),
            (("--subject", "x", "--usage", "owner"), "record.usage"),
        ],
    )
    def test_what_cannot_be_registered_is_not_kept(
        self, made: Path, arguments: tuple[str, ...], code: str
    ) -> None:
        before = sorted(Home(made).registrations.iterdir())
        done = command("keys", "enrol", Home(made).node_key, *arguments, "--home", made)
        assert (done.code, done.complaint[1]) == (2, code)
        assert sorted(Home(made).registrations.iterdir()) == before

    def test_a_file_that_is_no_key(self, made: Path, tmp_path: Path) -> None:
        (tmp_path / "no.pem").write_text("no key")
        (tmp_path / "no.pem").chmod(0o600)
        for path in (tmp_path / "no.pem", tmp_path / "none.pem", tmp_path):
            done = command("keys", "show", path, "--home", made)
            assert done.code == 2, done.err
            assert done.complaint


class TestEnrollingWithARunningNode:
    @contextmanager
    def node(self, home: Path, status: int, said: object) -> Iterator[None]:
        """A node that answers every registration alike."""

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with HTTPServer(("127.0.0.1", 0), Answer) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                with only_one(Home(home)) as announcement:
                    url = f"http://127.0.0.1:{server.server_port}"
                    announcement.write(Running(pid=1, url=url, chain_url=""))
                    yield
            finally:
                server.shutdown()
                thread.join()

    @pytest.mark.parametrize(
        ("status", "said", "expected", "kept"),
        [
            (201, {"data": {"index": 9}}, 0, 1),
            (403, {"message": "no authority {x}", "data": {"reason": "enrol.authority"}}, 2, 0),
            (503, {"message": "no space", "data": {"reason": "ingest.commit"}}, 4, 1),
            (429, {"message": "later", "data": {"reason": "unavailable.busy"}}, 4, 1),
            (200, [], 4, 1),
            (404, "nothing", 4, 1),
            (500, {"detail": "fault"}, 4, 1),
        ],
    )
    def test_what_it_refuses_is_not_kept_for_the_next_start(
        self, made: Path, status: int, said: object, expected: int, kept: int
    ) -> None:
        home = Home(made)
        before = len(list(home.registrations.iterdir()))
        with self.node(made, status, said):
            done = command("keys", "enrol", home.node_key, "--subject", "gateway", "--home", made)
        assert done.code == expected, done.err
        assert len(list(home.registrations.iterdir())) == before + kept
        if status == 403:
            assert done.complaint == ("no authority {x}", "enrol.authority")

    def test_meters_of_a_point_list_are_kept_until_the_node_starts(self, home: Path) -> None:
        points = ROOT / "infra" / "plant" / "steel.points.toml"
        before = len(list(Home(home).registrations.iterdir()))
        done = command("meters", "enrol", points, "--home", home)
        assert done.code == 0
        assert len(list(Home(home).registrations.iterdir())) > before

    def test_a_point_list_that_is_not_there(self, made: Path) -> None:
        done = command("meters", "enrol", made / "none.toml", "--home", made)
        assert (done.code, done.complaint[1]) == (2, "collector.points.unreadable")


class TestErrors:
    def test_what_the_system_refuses_is_no_traceback(
        self, made: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied", "/some/file")

        monkeypatch.setattr("api.cli.status._log_facts", refuse)
        done = command("status", "--home", made)
        assert (done.code, done.complaint) == (
            2,
            ("/some/file: Permission denied", "config.system"),
        )

    def test_broken_settings_are_named(self, home: Path) -> None:
        with (home / CONFIG_FILE).open("a") as file:
            file.write("broken = [")
        done = command("status", "--home", home)
        assert (done.code, done.complaint[1]) == (2, "config.syntax")
        assert CONFIG_FILE in done.complaint[0]

    def test_an_unknown_setting_is_named_without_its_value(self, home: Path) -> None:
        with (home / CONFIG_FILE).open("a") as file:
            file.write('pasphrase = "hunter2"\n')
        done = command("status", "--home", home)
        assert done.code == 2
        assert "pasphrase" in done.complaint[0]
        assert "hunter2" not in done.err + done.out
