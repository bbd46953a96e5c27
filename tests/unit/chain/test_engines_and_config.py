"""The table of engines and the settings of an endpoint."""

from typing import Any

import pytest

from chain.config import ChainConfig, embedded_path, shown_url
from chain.engines import ENGINES, block_seconds, engine_profile, require_client
from chain.errors import ChainConfigError


class TestEngines:
    def test_exactly_the_engines_that_anchors_and_trust_roots_name(self) -> None:
        assert set(ENGINES) == {"embedded", "anvil", "besu", "fisco", "evm"}
        assert all(name == profile.name for name, profile in ENGINES.items())

    def test_an_engine_without_a_profile_is_named(self) -> None:
        with pytest.raises(ChainConfigError) as caught:
            engine_profile("quorum")
        assert caught.value.reason == "chain.unknown_engine"
        assert "besu" in caught.value.remedy

    def test_fisco_answers_no_past_and_only_ten_blocks_of_logs(self) -> None:
        fisco = engine_profile("fisco")
        assert not fisco.historical_call
        assert not fisco.call_by_block_hash
        assert fisco.max_log_window == 10

    def test_only_the_engine_in_one_process_cannot_lag(self) -> None:
        assert [profile.name for profile in ENGINES.values() if not profile.can_lag] == ["embedded"]

    @pytest.mark.parametrize(
        "version", ["besu/v26.8.0/linux", "besu/v26.10.1-dev", "Besu/v27.1/x", "besu/26.8.0"]
    )
    def test_a_besu_new_enough(self, version: str) -> None:
        require_client(engine_profile("besu"), client_version=version)

    @pytest.mark.parametrize("version", ["besu/v26.7.9", "besu/v24.5.1", "besu/unknown"])
    def test_a_besu_too_old(self, version: str) -> None:
        with pytest.raises(ChainConfigError) as caught:
            require_client(engine_profile("besu"), client_version=version)
        assert caught.value.reason == "chain.engine_too_old"

    def test_another_engine_than_the_settings_say(self) -> None:
        with pytest.raises(ChainConfigError) as caught:
            require_client(engine_profile("besu"), client_version="anvil/v1.7.1")
        assert caught.value.reason == "chain.wrong_engine"

    @pytest.mark.parametrize(
        ("stamp", "seconds"),
        [(0, 0), (1_790_000_000, 1_790_000_000), (1_790_000_000_999, 1_790_000_000)],
    )
    def test_a_stamp_in_either_unit(self, stamp: int, seconds: int) -> None:
        assert block_seconds(stamp) == seconds


class TestConfig:
    @pytest.mark.parametrize(
        "url",
        [
            *("", "ftp://host", "http://", "host:8545", "embedded:", "http://host:port"),
            *("file:///etc/passwd", "http://[::1", "ws://host"),
        ],
    )
    def test_what_is_not_the_url_of_a_chain(self, url: str) -> None:
        with pytest.raises(ChainConfigError) as caught:
            ChainConfig(url=url)
        assert caught.value.reason == "chain.url"

    def test_the_file_of_an_embedded_chain(self) -> None:
        assert str(embedded_path("embedded:/var/lib/chain.db")) == "/var/lib/chain.db"
        assert str(embedded_path("embedded:data/chain.db")) == "data/chain.db"
        assert embedded_path("http://host:1") is None

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("https://user:secret@host:8545/v3/secret?key=secret", "https://host:8545/v3/…"),
            ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
            ("http://[::1]:8545/", "http://[::1]:8545"),
            ("http://host/rpc", "http://host/rpc"),
        ],
    )
    def test_no_secret_is_shown(self, url: str, shown: str) -> None:
        assert shown_url(url) == shown

    @pytest.mark.parametrize(
        "wrong",
        [
            {"timeout_s": 0},
            {"timeout_s": 301},
            {"finality_depth": -1},
            {"genesis_hash": b"short"},
            {"engine": "geth"},
        ],
    )
    def test_settings_out_of_range(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ChainConfigError):
            ChainConfig(url="http://127.0.0.1:1", **wrong)

    def test_the_depth_of_the_engine_unless_overridden(self) -> None:
        assert ChainConfig(url="http://host", engine="evm").depth == 12
        assert ChainConfig(url="http://host", engine="evm", finality_depth=0).depth == 0
