"""The secp256k1 key that pays for nothing and signs anchoring transactions (锚定账户密钥).

It lies in an encrypted keystore file (Web3 Secret Storage version 3, as geth and Besu read it),
which only its owner may read. The organisation's SM2 key is another one; a key-registration record
binds both.
"""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import Hash32
from typing_extensions import override

from chain.addresses import checksum_address
from chain.errors import KeyFileError
from trace_node.crypto import secret_file
from trace_node.crypto.errors import KeyFileError as SecretFileError

_ADDRESS_BYTES = 20
WORK_FACTOR = 262_144  # scrypt N of geth's "standard" keystore: about a second and 256 MB
_MAX_WORK_FACTOR = 1_048_576
_MAX_FILE_BYTES = 8_192
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTransaction:
    """A transaction ready to be sent.

    Attributes:
        raw: The signed bytes.
        transaction_hash: 32-byte hash, known before anything is sent.
    """

    raw: bytes
    transaction_hash: bytes


class AnchorKey:
    """A key in memory; it never shows its secret.

    Args:
        secret: 32 bytes.

    Attributes:
        address: 20-byte address.
    """

    def __init__(self, secret: bytes) -> None:
        secret_key: LocalAccount = Account.from_key(secret)
        self._signer = secret_key
        self.address = bytes.fromhex(secret_key.address[2:])

    @override
    def __repr__(self) -> str:
        return f"AnchorKey({self.shown})"

    @property
    def shown(self) -> str:
        """The address with its EIP-55 checksum."""
        return checksum_address(self.address)

    def sign(
        self, *, chain_id: int, nonce: int, to: bytes | None, data: bytes, gas: int
    ) -> SignedTransaction:
        """Sign a legacy transaction without value and without fee (EIP-155).

        The gas price is always given and always 0: without it web3 would make a type-2 transaction
        of 1 gwei, which a sender without funds cannot send.

        Args:
            chain_id: Chain it is valid on.
            nonce: Its number, 0 or more.
            to: 20-byte address; ``None`` creates a contract.
            data: Call data or creation code.
            gas: Most gas it may use, at least 21,000.
        """
        fields: dict[str, Any] = {
            "chainId": chain_id,
            "nonce": nonce,
            "gas": gas,
            "gasPrice": 0,
            "value": 0,
            "data": data,
        }
        if to is not None:
            fields["to"] = checksum_address(to)
        signed = self._signer.sign_transaction(fields)
        return SignedTransaction(
            raw=bytes(signed.raw_transaction), transaction_hash=bytes(signed.hash)
        )

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign 32 bytes that were hashed by EIP-712; gives r, s, v (65 bytes), s the lower one."""
        return bytes(self._signer.unsafe_sign_hash(Hash32(digest)).signature)


def create_key(path: Path, passphrase: str, *, work_factor: int = WORK_FACTOR) -> AnchorKey:
    """Make a new key and write its file, which must not exist: it is there whole or not at all.

    Args:
        path: The file; made readable for its owner alone.
        passphrase: Encrypts it; must not be empty.
        work_factor: scrypt N, a power of two.

    Raises:
        KeyFileError: The file exists or cannot be written, or the passphrase is empty.
    """
    _require_passphrase(passphrase)
    secret_key = Account.create()
    content = Account.encrypt(secret_key.key, passphrase, kdf="scrypt", iterations=work_factor)
    raw = json.dumps(content, sort_keys=True).encode() + b"\n"
    try:
        secret_file.create(path, raw)
    except (OSError, SecretFileError) as error:
        raise KeyFileError(
            "{field}: the key file cannot be written: {detail}",
            field=str(path),
            detail=getattr(error, "strerror", None) or "it exists already",
            remedy="choose another path; an existing key is never overwritten",
        ) from error
    return AnchorKey(bytes(secret_key.key))


def load_key(path: Path, passphrase: str) -> AnchorKey:
    """Read a key file.

    Raises:
        KeyFileError: Missing, readable by others (``chain.key_file.permissions``), damaged, or the
            passphrase is wrong (``chain.key_file.passphrase``).
    """
    _require_passphrase(passphrase)
    content = _keystore(path, _read_private(path))
    try:
        secret = bytes(Account.decrypt(dict(content), passphrase))
    except (ValueError, KeyError, TypeError, NotImplementedError) as error:
        raise KeyFileError(
            "{field}: the key cannot be decrypted: the passphrase is wrong or the file is damaged",
            field=str(path),
            remedy="set TN_PASSPHRASE to the one the file was made with; else restore the file from"
            " a backup",
            code="chain.key_file.passphrase",
        ) from error
    key = AnchorKey(secret)
    stated = content.get("address")
    if isinstance(stated, str) and stated.lower().removeprefix("0x") != key.address.hex():
        raise KeyFileError(
            "{field}: the address in the file is not that of its key", field=str(path)
        )
    return key


def stated_address(path: Path) -> bytes:
    """The 20-byte address a key file states, without opening the key; ``load_key`` checks it.

    Raises:
        KeyFileError: Missing, readable by others, damaged, or it states none.
    """
    stated = str(_keystore(path, _read_private(path)).get("address", "")).removeprefix("0x")
    try:
        address = bytes.fromhex(stated)
    except ValueError:
        address = b""
    if len(address) != _ADDRESS_BYTES:
        raise KeyFileError("{field}: the file states no address", field=str(path))
    return address


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise KeyFileError(
            "{field}: the key file cannot be read: {detail}",
            field=str(path),
            detail=error.strerror or type(error).__name__,
            remedy="make one: trace-node keys",
        ) from error
    if stat.S_IMODE(mode) & _OTHERS:
        raise KeyFileError(
            "{field}: the key file may be read by others (mode {mode})",
            field=str(path),
            mode=f"{stat.S_IMODE(mode):04o}",
            remedy="chmod 600 {field}",
            code="chain.key_file.permissions",
        )
    if len(raw) > _MAX_FILE_BYTES:
        raise KeyFileError(
            "{field}: longer than {bound} bytes: not a keystore file",
            field=str(path),
            bound=_MAX_FILE_BYTES,
        )
    return raw


def _keystore(path: Path, raw: bytes) -> Mapping[str, object]:
    """Parse the file and bound the work its parameters ask for, before any of it is done."""
    try:
        content = json.loads(raw)
        crypto = content["crypto"]
        parameters = crypto["kdfparams"]
        cost = int(parameters["n"]) * int(parameters["r"]) * int(parameters["p"])
        sound = content["version"] == 3 and crypto["kdf"] == "scrypt"  # noqa: PLR2004
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise KeyFileError(
            "{field}: not a version 3 keystore file with scrypt",
            field=str(path),
            remedy="restore it from a backup",
        ) from error
    if not sound or not 0 < cost <= _MAX_WORK_FACTOR * 8:
        raise KeyFileError(
            "{field}: not a version 3 keystore file with scrypt",
            field=str(path),
            remedy="restore it from a backup",
        )
    return dict(content)


def _require_passphrase(passphrase: str) -> None:
    if not passphrase:
        raise KeyFileError(
            "{field}: the passphrase of the key file must not be empty", field="passphrase"
        )
