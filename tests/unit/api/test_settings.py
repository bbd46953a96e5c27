"""Settings: precedence and clear errors."""

import re
import traceback
from pathlib import Path

import pytest
from support.collector_setup import ROOT

from api import settings
from trace_node.errors import ConfigError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "CONFIG_FILES", (Path("trace-node.toml"),))


def test_flag_beats_environment_beats_file_beats_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.load().port == 8000
    Path("trace-node.toml").write_text('port = 8001\nlog = "kiln"\n')
    assert settings.load().port == 8001
    monkeypatch.setenv("TN_PORT", "8002")
    assert settings.load().port == 8002
    assert settings.load(port=8003).port == 8003
    assert settings.load(port=None).port == 8002
    assert settings.load().log_origin == "trace-node.local/kiln/sm3"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        pytest.param("port = 70000", "port", id="port-out-of-range"),
        pytest.param('log = "Not Plain"', "log", id="log-name"),
        pytest.param("prot = 1", "prot", id="unknown-name"),
        pytest.param("seal_interval = 0", "seal_interval", id="zero-interval"),
        pytest.param('chain_engine = "bitcoin"', "chain_engine", id="unknown-engine"),
        pytest.param("port = ", "trace-node.toml", id="broken-toml"),
        pytest.param('organisation = "\udcff"', "trace-node.toml", id="not-utf-8"),
        pytest.param('origin = "plant"', "origin", id="origin-without-hash"),
        pytest.param('witnesses = "https://w.example"', "witnesses", id="text-for-a-list"),
    ],
)
def test_a_wrong_setting_is_named(text: str, field: str) -> None:
    Path("trace-node.toml").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        settings.load()
    assert caught.value.field == field
    assert field in caught.value.message
    assert caught.value.remedy


def test_a_wrong_setting_is_named_where_it_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    places = {}
    Path("trace-node.toml").write_text("port = 70000")
    for place, flags, variable in (
        ("trace-node.toml", {}, ""),
        ("TN_PORT", {}, "x"),
        ("--port", {"port": -1}, "x"),
    ):
        if variable:
            monkeypatch.setenv("TN_PORT", variable)
        with pytest.raises(ConfigError) as caught:
            settings.load(**flags)
        places[place] = caught.value.remedy
    assert places == {place: f"correct it in {place}" for place in places}


@pytest.mark.parametrize("kind", ["folder", "dangling"])
def test_a_settings_file_that_cannot_be_read_is_not_passed_over(kind: str) -> None:
    path = Path("trace-node.toml")
    if kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    with pytest.raises(ConfigError) as caught:
        settings.load()
    assert caught.value.reason == "config.file"


def test_a_list_in_the_environment_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TN_WITNESSES", '["https://w.example"]')
    assert settings.load().witnesses == ("https://w.example",)
    monkeypatch.setenv("TN_WITNESSES", "https://w.example")
    with pytest.raises(ConfigError) as caught:
        settings.load()
    assert (caught.value.field, caught.value.remedy) == ("witnesses", "correct it in TN_WITNESSES")


def test_a_wrong_passphrase_is_not_repeated() -> None:
    Path("trace-node.toml").write_text('passphrase = ["quiet words"]')
    with pytest.raises(ConfigError) as caught:
        settings.load()
    assert "quiet" not in "".join(traceback.format_exception(caught.value))


def test_the_passphrase_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TN_PASSPHRASE", "very secret")
    assert "very secret" not in repr(settings.load())


def test_a_passphrase_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.touch(mode=0o600)
    path.write_text("very secret\n")
    assert settings.load(home=tmp_path).secret() == "very secret"
    path.chmod(0o640)
    with pytest.raises(ConfigError) as caught:
        settings.load(home=tmp_path).secret()
    assert caught.value.reason == "config.key_file.mode"
    path.chmod(0o600)
    path.write_bytes(b"quiet words \xff")
    with pytest.raises(ConfigError) as caught:
        settings.load(home=tmp_path).secret()
    assert "quiet" not in "".join(traceback.format_exception(caught.value))


def test_without_a_passphrase_the_remedy_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.load(home=tmp_path).secret()
    assert caught.value.remedy == "set TN_PASSPHRASE"


def test_every_setting_is_described_for_operators() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)`", text.partition("\n| name | is |")[2].partition("\n\n")[0]))
    assert set(settings.Settings.model_fields) <= told
