"""Access tokens and the roles they carry.

A token is 32 random bytes, shown once; the file keeps only its SM3 digest. Sixteen or more random
bytes need no slow hash: there is nothing to guess.
"""

import json
import os
import secrets
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from trace_node.clock import Clock
from trace_node.crypto.sm3 import sm3
from trace_node.errors import AccessError, ConfigError, NotFoundError
from trace_node.ids import require_name, to_base64url

MAX_TOKEN_CHARACTERS = 128


class Role(StrEnum):
    """What a caller is to the node."""

    VERIFIER = "verifier"
    REGULATOR = "regulator"
    ENTERPRISE = "enterprise"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is asking.

    Attributes:
        name: Name of the token.
        role: What the caller may do.
        organisation: The one organisation it may see; ``None`` for all (regulator, operator).
        expires_at: End of the token's life.
    """

    name: str
    role: Role
    organisation: str | None
    expires_at: datetime

    def require_organisation(self, organisation: str) -> None:
        """Refuse a caller whose token is for another organisation.

        Raises:
            AccessError: It is.
        """
        if self.organisation not in (None, organisation):
            raise AccessError(
                "this token is for {own}, not for {asked}",
                code="access.scope",
                own=self.organisation,
                asked=organisation,
                remedy="ask the operator for a token with that scope",
            )

    def of(self, organisation: str) -> "Caller":
        """The same caller, looking at one organisation only."""
        return replace(self, organisation=organisation)


class TokenFile:
    """The tokens of a node in one file that only its owner can read."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._read_at = -1
        self._callers: dict[str, Caller] = {}

    def issue(self, *, name: str, role: Role, organisation: str | None, days: int) -> str:
        """Make a token and return it; it cannot be shown again.

        Args:
            name: Names the token in lists and logs; issuing a name again replaces its token.
            role: What it allows.
            organisation: Its scope; ``None`` for all organisations.
            days: Its life, 1 to 3650 days.
        """
        require_name(name, field="name")
        token = to_base64url(secrets.token_bytes(32))
        kept = {digest: caller for digest, caller in self._load().items() if caller.name != name}
        kept[_digest(token)] = Caller(
            name=name,
            role=role,
            organisation=organisation,
            expires_at=self._clock.now() + timedelta(days=days),
        )
        self._write(kept)
        return token

    def revoke(self, name: str) -> None:
        """End the token ``name`` at once.

        Raises:
            NotFoundError: There is none of that name.
        """
        before = self._load()
        kept = {digest: caller for digest, caller in before.items() if caller.name != name}
        if len(kept) == len(before):
            raise NotFoundError(
                "there is no token named {name}",
                field="name",
                name=name,
                remedy="trace-node tokens list shows those there are",
            )
        self._write(kept)

    def callers(self) -> list[Caller]:
        """Who has a token, by name."""
        return sorted(self._load().values(), key=lambda caller: caller.name)

    def authenticate(self, token: str) -> Caller:
        """Find the caller of ``token``.

        Raises:
            AccessError: The token is unknown or has expired.
        """
        caller = self._load().get(_digest(token)) if len(token) <= MAX_TOKEN_CHARACTERS else None
        if caller is None:
            raise AccessError(
                "unknown token",
                code="access.bad_token",
                field="Authorization",
                remedy="send the token you were given; ask the operator if it was replaced",
            )
        if self._clock.now() >= caller.expires_at:
            raise AccessError(
                "the token {name} expired at {when}",
                code="access.bad_token",
                field="Authorization",
                name=caller.name,
                when=caller.expires_at.isoformat(),
                remedy="ask the operator for a new one",
            )
        return caller

    def _load(self) -> dict[str, Caller]:
        try:
            changed_at = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if changed_at != self._read_at:
            self._callers = self._parse(self._path.read_text(encoding="utf-8"))
            self._read_at = changed_at
        return self._callers

    def _parse(self, text: str) -> dict[str, Caller]:
        try:
            return {
                digest: Caller(
                    name=row["name"],
                    role=Role(row["role"]),
                    organisation=row["organisation"],
                    expires_at=datetime.fromisoformat(row["expires_at"]),
                )
                for digest, row in json.loads(text).items()
            }
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(
                "the token file {path} is damaged: {detail}",
                field="tokens",
                path=str(self._path),
                detail=str(error),
                remedy="restore it from a backup or delete it and issue the tokens again",
            ) from error

    def _write(self, callers: dict[str, Caller]) -> None:
        rows = {
            digest: {
                "name": caller.name,
                "role": caller.role.value,
                "organisation": caller.organisation,
                "expires_at": caller.expires_at.isoformat(),
            }
            for digest, caller in callers.items()
        }
        descriptor, temporary = tempfile.mkstemp(dir=self._path.parent)  # mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(self._path)
        self._read_at = -1


def _digest(token: str) -> str:
    return to_base64url(sm3(token.encode("utf-8", "surrogatepass")))
