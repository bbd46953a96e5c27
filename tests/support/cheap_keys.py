"""Key files of tests need not resist anybody: the work of a guess is cut where one is made or opened."""

import json
from functools import partial
from pathlib import Path

import pytest
from eth_account import Account

from chain.signer_key import create_key
from trace_node.crypto import keys

CHEAP_SCRYPT = 1_024  # of a chain key
CHEAPEST_SCRYPT = 2  # of a key of our own


def make_cheap_keys(patch: pytest.MonkeyPatch) -> None:
    """Whatever makes keys in this process makes cheap ones."""
    for place in ("api.wiring.keys", "api.wiring.chain_owner"):
        patch.setattr(f"{place}.create_key", partial(create_key, work_factor=CHEAP_SCRYPT))
    patch.setattr(keys, "save", partial(keys.save, scrypt_n=CHEAPEST_SCRYPT))


def cheapen(folder: Path, passphrase: str) -> None:
    """Make the key files of a folder anew, with the same keys inside."""
    for path in folder.glob("*.json"):
        key = Account.decrypt(json.loads(path.read_text()), passphrase)
        path.write_text(json.dumps(Account.encrypt(key, passphrase, iterations=CHEAP_SCRYPT)))
    for path in folder.glob("*.pem"):
        secret = keys.load_any(path, passphrase)
        path.unlink()
        keys.save(path, secret, passphrase, scrypt_n=CHEAPEST_SCRYPT)
