"""What differs between the EVM engines, in one table.

Sources: the engines' own documentation and source as cited in docs/decisions/0006-anchoring.md. The
tags ``finalized`` and ``safe`` are never asked for: Besu QBFT answers "Unknown block" to them and
anvil's ``finalized`` lags 64 blocks behind.
"""

import re
from dataclasses import dataclass

from chain.errors import ChainConfigError

_FIRST_MILLISECOND_STAMP = 100_000_000_000  # as seconds the year 5138, as milliseconds 1973


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineProfile:
    """The facts about one engine that the client must know (链引擎).

    Attributes:
        name: As written in anchors, trust roots and settings.
        client_prefix: How ``web3_clientVersion`` begins, lower case; empty accepts any.
        finality_depth: Blocks on top of a block before it counts as final, 0 or more.
        historical_call: ``eth_call`` honours a past block.
        call_by_block_hash: ``eth_call`` takes a block hash (EIP-1898).
        max_log_window: Most blocks one ``eth_getLogs`` may span, 1 or more.
        max_batch: Most requests in one JSON-RPC batch, 1 or more.
        bloom: Headers carry a usable logs bloom.
        can_lag: Several hosts may answer, one of them late; otherwise a block that is not there is
            lost (the chain was put back).
        immediate: A transaction is in a block before its sending is answered, and the machine that
            runs it is slow: trying it out before would cost as much again.
        minimum_version: Oldest version that mines zero-fee transactions; ``None`` for any.
    """

    name: str
    client_prefix: str
    finality_depth: int
    historical_call: bool
    call_by_block_hash: bool
    max_log_window: int
    max_batch: int
    bloom: bool
    can_lag: bool
    immediate: bool = False
    minimum_version: tuple[int, int, int] | None = None


ENGINES: dict[str, EngineProfile] = {
    profile.name: profile
    for profile in (
        EngineProfile(
            name="embedded",
            client_prefix="trace-node-embedded/",
            finality_depth=0,  # one process makes the blocks, each committed to disk
            historical_call=True,
            call_by_block_hash=True,
            max_log_window=10_000,
            max_batch=100,
            bloom=True,
            can_lag=False,
            immediate=True,
        ),
        EngineProfile(
            name="anvil",
            client_prefix="anvil",
            finality_depth=0,  # tests only
            historical_call=True,
            call_by_block_hash=True,
            max_log_window=10_000,
            max_batch=100,
            bloom=True,
            can_lag=True,
        ),
        EngineProfile(
            name="besu",
            client_prefix="besu",
            finality_depth=0,  # QBFT: a block is final when it is there
            historical_call=True,
            call_by_block_hash=True,
            max_log_window=5_000,  # default of --rpc-max-logs-range
            max_batch=100,  # the default of --rpc-http-max-batch-size is 1,024
            bloom=True,
            can_lag=True,
            minimum_version=(26, 8, 0),  # PR 10751: earlier 26.x never mine zero-cost transactions
        ),
        EngineProfile(
            name="fisco",
            client_prefix="fisco",
            finality_depth=0,  # PBFT
            historical_call=False,  # the block argument is ignored: always the latest state
            call_by_block_hash=False,
            max_log_window=10,  # web3_rpc.filter_max_process_block; the rest is cut off silently
            max_batch=8,
            bloom=False,
            can_lag=True,
        ),
        EngineProfile(
            name="evm",
            client_prefix="",
            finality_depth=12,  # proof of authority without finality: depth is all there is
            historical_call=True,
            call_by_block_hash=True,
            max_log_window=1_000,
            max_batch=50,
            bloom=True,
            can_lag=True,
        ),
    )
}


def engine_profile(name: str) -> EngineProfile:
    """The profile called ``name``.

    Raises:
        ChainConfigError: There is none; code ``chain.unknown_engine``.
    """
    if name not in ENGINES:
        raise ChainConfigError(
            "{field}: no engine is called {engine}",
            field="engine",
            engine=repr(name[:40]),
            known=", ".join(ENGINES),
            remedy="use one of {known}",
            code="chain.unknown_engine",
        )
    return ENGINES[name]


def require_client(profile: EngineProfile, *, client_version: str) -> None:
    """Check what the endpoint calls itself against the profile.

    Args:
        profile: The engine the settings name.
        client_version: Answer of ``web3_clientVersion``, such as ``besu/v26.9.0/linux-x86_64/…``.

    Raises:
        ChainConfigError: Another engine (``chain.wrong_engine``) or one too old to mine zero-fee
            transactions (``chain.engine_too_old``).
    """
    if not client_version.lower().startswith(profile.client_prefix):
        raise ChainConfigError(
            "{field}: the endpoint calls itself {found}, the settings say {engine}",
            field="engine",
            found=repr(client_version[:80]),
            engine=profile.name,
            remedy="set the engine to what the endpoint runs, or to evm for any other",
            code="chain.wrong_engine",
        )
    if profile.minimum_version is None:
        return
    match = re.search(r"v?(\d{1,5})\.(\d{1,5})(?:\.(\d{1,5}))?", client_version)
    found = tuple(int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    if found < profile.minimum_version:
        raise ChainConfigError(
            "{field}: {found} is too old, {engine} must be at least {minimum}: earlier versions"
            " leave transactions without a fee out of their blocks",
            field="engine",
            found=repr(client_version[:80]),
            engine=profile.name,
            minimum=".".join(map(str, profile.minimum_version)),
            remedy="upgrade it, or run it with --tx-pool=sequenced and use the engine evm",
            code="chain.engine_too_old",
        )


def block_seconds(stamp: int) -> int:
    """A block's time stamp in seconds since the epoch, whatever unit its chain uses.

    FISCO BCOS before 3.12, or without ``feature_evm_timestamp``, states milliseconds in headers and
    in ``block.timestamp``. The two units cannot be confused: no stamp is both.

    Args:
        stamp: Header time or ``block.timestamp``, 0 or more.
    """
    return stamp // 1000 if stamp >= _FIRST_MILLISECOND_STAMP else stamp
