"""Tokens: issued once, kept as digests, scoped, expiring."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.tokens import Role, TokenFile
from trace_node.clock import FixedClock
from trace_node.errors import AccessError, ConfigError, InputError, NotFoundError

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def tokens(tmp_path: Path, clock: FixedClock) -> TokenFile:
    return TokenFile(tmp_path / "tokens.json", clock)


def issue(tokens: TokenFile, name: str = "auditor", organisation: str | None = "mine-1") -> str:
    return tokens.issue(name=name, role=Role.VERIFIER, organisation=organisation, days=30)


def test_an_issued_token_opens(tokens: TokenFile) -> None:
    caller = tokens.authenticate(issue(tokens))
    assert (caller.name, caller.role, caller.organisation) == ("auditor", Role.VERIFIER, "mine-1")


def test_the_file_does_not_hold_the_token_and_is_private(tokens: TokenFile, tmp_path: Path) -> None:
    token = issue(tokens)
    path = tmp_path / "tokens.json"
    assert token not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_issuing_a_name_again_ends_its_first_token(tokens: TokenFile) -> None:
    first, second = issue(tokens), issue(tokens)
    assert tokens.authenticate(second).name == "auditor"
    with pytest.raises(AccessError):
        tokens.authenticate(first)


def test_another_process_sees_the_change(
    tokens: TokenFile, tmp_path: Path, clock: FixedClock
) -> None:
    token = issue(tokens)
    other = TokenFile(tmp_path / "tokens.json", clock)
    assert other.authenticate(token).name == "auditor"
    tokens.revoke("auditor")
    with pytest.raises(AccessError):
        other.authenticate(token)


@pytest.mark.parametrize("token", ["", "x", "a" * 129, "\ud800"])
def test_unknown_tokens_are_refused(tokens: TokenFile, token: str) -> None:
    issue(tokens)
    with pytest.raises(AccessError) as caught:
        tokens.authenticate(token)
    assert caught.value.reason == "access.bad_token"


def test_an_expired_token_is_refused(tokens: TokenFile, clock: FixedClock) -> None:
    token = issue(tokens)
    clock.move(seconds=30 * 86_400 - 1)
    tokens.authenticate(token)
    clock.move(seconds=1)
    with pytest.raises(AccessError, match="expired"):
        tokens.authenticate(token)


def test_scope_is_one_organisation_or_all(tokens: TokenFile) -> None:
    own = tokens.authenticate(issue(tokens))
    own.require_organisation("mine-1")
    with pytest.raises(AccessError) as caught:
        own.require_organisation("mine-2")
    assert caught.value.reason == "access.scope"
    tokens.authenticate(issue(tokens, "regulator", None)).require_organisation("mine-2")


def test_revoking_a_stranger_is_an_error(tokens: TokenFile) -> None:
    with pytest.raises(NotFoundError):
        tokens.revoke("nobody")


def test_names_are_checked(tokens: TokenFile) -> None:
    with pytest.raises(InputError):
        issue(tokens, "no spaces")


@pytest.mark.parametrize("text", ["{", "[]", '{"x": {}}', '{"x": {"name": "a", "role": "king"}}'])
def test_a_damaged_file_is_named(tokens: TokenFile, tmp_path: Path, text: str) -> None:
    (tmp_path / "tokens.json").write_text(text)
    with pytest.raises(ConfigError, match=r"tokens\.json"):
        tokens.authenticate("x")
