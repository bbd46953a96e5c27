"""keccak256, addresses and log ids.

The keccak provider is loaded at the first use, so that a program that never hashes stays fast.
"""

import re

from chain.errors import ChainConfigError
from trace_node.ids import Origin

_LOG_ID = re.compile(r"0x[0-9a-fA-F]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
ADDRESS_BYTES = 20


def keccak256(data: bytes) -> bytes:
    """The 32-byte keccak256 of ``data`` (the EVM's hash, not SHA-3 of FIPS 202)."""
    from eth_hash.auto import keccak  # noqa: PLC0415  loads a C library

    return keccak(data)


def checksum_address(address: bytes) -> str:
    """A 20-byte address as text with the EIP-55 checksum in the case of its letters.

    Raises:
        ChainConfigError: Not 20 bytes.
    """
    if len(address) != ADDRESS_BYTES:
        raise ChainConfigError("{field}: must hold 20 bytes", field="address")
    digits = address.hex()
    mask = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(nibble, 16) >= 8 else digit  # noqa: PLR2004  EIP-55
        for digit, nibble in zip(digits, mask, strict=False)
    )


def parse_log_id(text: str, *, field: str) -> bytes:
    """Read the 32-byte id of a log.

    Raises:
        ChainConfigError: It is none; code ``chain.log_id``.
    """
    if not _LOG_ID.fullmatch(text):
        raise ChainConfigError(
            "{field}: not the id of a log: 0x and 64 hex digits",
            field=field,
            remedy="copy it whole from trace-node chain status",
            code="chain.log_id",
        )
    return bytes.fromhex(text[2:])


def parse_address(text: str, *, field: str) -> bytes:
    """Read an address; one in mixed case must carry its EIP-55 checksum.

    Raises:
        ChainConfigError: Not an address, or a wrong checksum; code ``chain.address``.
    """
    if not _ADDRESS.fullmatch(text):
        raise ChainConfigError(
            "{field}: not an address: 0x and 40 hex digits",
            field=field,
            remedy="copy it whole from whoever gave it to you",
            code="chain.address",
        )
    address = bytes.fromhex(text[2:])
    mixed = text[2:] not in (text[2:].lower(), text[2:].upper())
    if mixed and checksum_address(address) != text:
        raise ChainConfigError(
            "{field}: the EIP-55 checksum is wrong: a digit was mistyped",
            field=field,
            remedy="copy it whole from whoever gave it to you",
            code="chain.address",
        )
    return address


def origin_hash(origin: Origin) -> bytes:
    """keccak256 of the UTF-8 origin line, as ``openLog`` takes it."""
    return keccak256(origin.encode())


def log_id_of(*, owner: bytes, origin: Origin) -> bytes:
    """The id the contract gives to a log: keccak256(owner ‖ originHash).

    Args:
        owner: 20-byte address that sends ``openLog``.
        origin: First line of the log's checkpoints.
    """
    return keccak256(owner + origin_hash(origin))
