"""The anchor key file."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
import rlp
from eth_account import Account
from eth_utils import keccak

from chain.errors import KeyFileError
from chain.signer_key import AnchorKey, create_key, load_key, stated_address

FAST = 2**10
PASSPHRASE = "correct horse"  # noqa: S105  of keys that live for one test


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "anchor.json"


def test_a_key_comes_back(path: Path) -> None:
    key = create_key(path, PASSPHRASE, work_factor=FAST)
    assert load_key(path, PASSPHRASE).address == key.address


def test_only_its_owner_may_read_the_file(path: Path) -> None:
    create_key(path, PASSPHRASE, work_factor=FAST)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_other_programs_read_the_same_file(path: Path) -> None:
    key = create_key(path, PASSPHRASE, work_factor=FAST)
    secret = Account.decrypt(json.loads(path.read_text()), PASSPHRASE)
    assert Account.from_key(secret).address == key.shown


def test_the_secret_is_not_in_the_file_or_shown(path: Path) -> None:
    key = create_key(path, PASSPHRASE, work_factor=FAST)
    secret = Account.decrypt(json.loads(path.read_text()), PASSPHRASE)
    assert bytes(secret).hex() not in path.read_text()
    assert bytes(secret).hex() not in repr(key)
    assert repr(key) == f"AnchorKey({key.shown})"


def test_a_key_is_never_overwritten(path: Path) -> None:
    create_key(path, PASSPHRASE, work_factor=FAST)
    before = path.read_bytes()
    with pytest.raises(KeyFileError):
        create_key(path, PASSPHRASE, work_factor=FAST)
    assert path.read_bytes() == before


def test_a_write_that_broke_off_leaves_no_half_a_key(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(KeyFileError, match="No space left"):
            create_key(path, PASSPHRASE, work_factor=FAST)
    assert list(path.parent.iterdir()) == []
    assert create_key(path, PASSPHRASE, work_factor=FAST).address == stated_address(path)


def test_a_file_that_others_may_read_is_refused(path: Path) -> None:
    create_key(path, PASSPHRASE, work_factor=FAST)
    path.chmod(0o640)
    with pytest.raises(KeyFileError) as caught:
        load_key(path, PASSPHRASE)
    assert caught.value.reason == "chain.key_file.permissions"
    assert "chmod 600" in caught.value.remedy


def test_a_wrong_passphrase(path: Path) -> None:
    create_key(path, PASSPHRASE, work_factor=FAST)
    with pytest.raises(KeyFileError) as caught:
        load_key(path, "wrong")
    assert caught.value.reason == "chain.key_file.passphrase"


@pytest.mark.parametrize("action", [create_key, load_key])
def test_an_empty_passphrase(path: Path, action: Any) -> None:
    with pytest.raises(KeyFileError):
        action(path, "")


def test_a_missing_file(path: Path) -> None:
    with pytest.raises(KeyFileError) as caught:
        load_key(path, PASSPHRASE)
    assert "trace-node keys" in caught.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"version":3,"crypto":{"kdf":"scrypt","kdfparams":{"n":1,"r":8}}}',
        b'{"version":3,"crypto":{"kdf":"pbkdf2","kdfparams":{"n":1024,"r":8,"p":1}}}',
        b'{"version":4,"crypto":{"kdf":"scrypt","kdfparams":{"n":1024,"r":8,"p":1}}}',
        b'{"version":3,"crypto":{"kdf":"scrypt","kdfparams":{"n":1073741824,"r":8,"p":1}}}',
        b'{"version":3,"crypto":{"kdf":"scrypt","kdfparams":{"n":1024,"r":8,"p":1}}}',
        b"[" * 5000,
        b" " * 9000,
    ],
)
def test_a_damaged_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError):
        load_key(path, PASSPHRASE)


def test_an_address_that_is_not_the_keys(path: Path) -> None:
    create_key(path, PASSPHRASE, work_factor=FAST)
    content = json.loads(path.read_text())
    content["address"] = "00" * 20
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    with pytest.raises(KeyFileError):
        load_key(path, PASSPHRASE)


def test_a_transaction_is_legacy_free_and_bound_to_its_chain() -> None:
    key = AnchorKey(keccak(text="a test key"))
    signed = key.sign(chain_id=20260, nonce=7, to=bytes(20), data=b"\x01\x02", gas=50_000)
    fields = rlp.decode(signed.raw)
    nonce, gas_price, gas, to, value, data, v, _, _ = fields
    assert [int.from_bytes(each) for each in (nonce, gas_price, gas, value)] == [7, 0, 50_000, 0]
    assert (to, data) == (bytes(20), b"\x01\x02")
    assert int.from_bytes(v) in (20260 * 2 + 35, 20260 * 2 + 36)
    assert signed.transaction_hash == keccak(signed.raw)
    assert Account.recover_transaction(signed.raw) == key.shown


def test_a_creation_has_no_address() -> None:
    signed = AnchorKey(keccak(text="a test key")).sign(
        chain_id=1, nonce=0, to=None, data=b"\x00", gas=60_000
    )
    assert rlp.decode(signed.raw)[3] == b""


def test_the_address_is_known_without_the_passphrase(path: Path) -> None:
    key = create_key(path, "a passphrase", work_factor=2)
    assert stated_address(path) == key.address


@pytest.mark.parametrize("stated", ["", "0x12", "zz" * 20])
def test_a_file_that_states_no_address(path: Path, stated: str) -> None:
    create_key(path, "a passphrase", work_factor=2)
    content = json.loads(path.read_text())
    content["address"] = stated
    path.write_text(json.dumps(content))
    with pytest.raises(KeyFileError, match="states no address"):
        stated_address(path)
