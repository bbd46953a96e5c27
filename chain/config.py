"""Where a chain is and what it must turn out to be."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from chain.engines import EngineProfile, engine_profile
from chain.errors import ChainConfigError

EMBEDDED_SCHEME = "embedded"
MAX_ANSWER_BYTES = 16 * 1024 * 1024  # a window of logs; a header or receipt is a few kilobytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainConfig:
    """One endpoint and what is expected of it.

    Attributes:
        url: ``http://…``, ``https://…`` or ``embedded:/path/to/chain.db`` (served in this process).
        engine: A name of ``chain.engines.ENGINES``.
        chain_id: Expected EVM chain id; ``None`` takes the endpoint's word (first deployment only).
        genesis_hash: Expected 32-byte hash of block 0; ``None`` takes the endpoint's word.
        finality_depth: Overrides the engine's depth, 0 or more; ``None`` keeps it.
        timeout_s: Seconds one request may take in all, 1 to 300.
        max_answer_bytes: Bound of one answer, checked before it is parsed.
    """

    url: str
    engine: str = "evm"
    chain_id: int | None = None
    genesis_hash: bytes | None = None
    finality_depth: int | None = None
    timeout_s: int = 10
    max_answer_bytes: int = MAX_ANSWER_BYTES

    def __post_init__(self) -> None:
        split_chain_url(self.url)
        engine_profile(self.engine)
        if not 1 <= self.timeout_s <= 300:  # noqa: PLR2004  the docstring's range
            raise ChainConfigError("{field}: must be 1 to 300 seconds", field="timeout_s")
        if self.finality_depth is not None and self.finality_depth < 0:
            raise ChainConfigError("{field}: must be 0 or more blocks", field="finality_depth")
        if self.genesis_hash is not None and len(self.genesis_hash) != 32:  # noqa: PLR2004
            raise ChainConfigError("{field}: must hold 32 bytes", field="genesis_hash")

    @property
    def profile(self) -> EngineProfile:
        """The engine's facts."""
        return engine_profile(self.engine)

    @property
    def depth(self) -> int:
        """Blocks on top of a block before it counts as final."""
        return self.profile.finality_depth if self.finality_depth is None else self.finality_depth


def split_chain_url(url: str) -> SplitResult:
    """Take a chain URL apart.

    Raises:
        ChainConfigError: Another scheme, no host, no path where one is needed; code ``chain.url``.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is not a number raises only when it is read
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    in_process = parts.scheme == EMBEDDED_SCHEME and bool(parts.path)
    if not in_process and not (parts.scheme in ("http", "https") and parts.hostname):
        raise ChainConfigError(
            "{field}: not the URL of a chain",
            field="url",
            remedy="write http://host:port, https://host/path or embedded:/path/to/chain.db",
            code="chain.url",
        )
    return parts


def embedded_path(url: str) -> Path | None:
    """The file of an ``embedded:`` URL; ``None`` for any other."""
    parts = split_chain_url(url)
    return Path(parts.path) if parts.scheme == EMBEDDED_SCHEME else None


def shown_url(url: str) -> str:
    """The URL as it may be shown: without user, password and query.

    The path is cut after its first part, because hosted endpoints keep their key there.
    """
    parts = split_chain_url(url)
    if parts.scheme == EMBEDDED_SCHEME:
        return url
    port = f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    first = parts.path.strip("/").split("/")
    path = f"/{first[0]}" + ("/…" if len(first) > 1 else "") if first[0] else ""
    return f"{parts.scheme}://{host}{port}{path}"
