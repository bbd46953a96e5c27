"""The refusals of an endpoint that serves another chain than the expected one."""

from chain.errors import ChainConfigError


def wrong_chain_id(endpoint: str, *, expected: int, found: int) -> ChainConfigError:
    """It serves another chain id."""
    return ChainConfigError(
        "{endpoint}: {field}: serves chain {found}, must be {expected}",
        endpoint=endpoint,
        field="chain_id",
        expected=expected,
        found=found,
        remedy="give the address of an endpoint of the right chain; nothing was sent",
        code="chain.wrong_chain_id",
    )


def wrong_genesis(endpoint: str, *, expected: bytes, found: bytes) -> ChainConfigError:
    """Its block 0 is another."""
    return ChainConfigError(
        "{endpoint}: {field}: block 0 is {found}, must be {expected}",
        endpoint=endpoint,
        field="genesis_hash",
        expected="0x" + expected.hex(),
        found="0x" + found.hex(),
        remedy="give the address of an endpoint of the right chain; nothing was sent",
        code="chain.wrong_genesis",
    )
