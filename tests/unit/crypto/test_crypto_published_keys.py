"""Keys whose private half is printed somewhere are refused by the key store."""

import json
from pathlib import Path

import pytest
from support.crypto_keys import PASSPHRASE, quick, sealed, write

from trace_node.crypto import keys, pkcs8, sm2
from trace_node.crypto.backends import KNOWN_SECRET
from trace_node.crypto.errors import KeyFormatError

__all__ = ["quick"]


class TestPublishedKeys:
    PUBLISHED = (
        "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8",
        "128b2fa8bd433c6c068c8d803dff79792a519a55171b1b650c23661d15897263",
        "81eb26e941bb5af16df116495f90695272ae2cd63d6c4ae1678418be48230029",
        "785129917d45a9ea5437a59356b82338eaadda6ceb199088f14ae10defa229b5",
        "1649ab77a00637bd5e2efe283fbf353534aa7f7cb89463f208ddbc2920bb0da0",
        "771ef3dbff5f1cdc32b9c572930476191998b2bf7cb981d7f5b39202645f0931",
        "6fcba2ef9ae0ab902bc3bde3ff915d44ba4cc78f88e2f8e7f8996d3b8cceedee",
        "5e35d7d3f3c54dbac72e61819e730b019a84208ca3a35e4c2e353dfccb2a3b53",
        "56a270d17377aa9a367cfa82e46fa5267713a9b91101d0777b07fce018c757eb",
        "b9ab0b828ff68872f21a837fc303668428dea11dcd1b24429d0c99e24eed83d5",
    )

    def test_the_list_holds_exactly_these(self) -> None:
        ids = {
            sm2.PrivateKey.from_secret(bytes.fromhex(secret)).public.key_id
            for secret in self.PUBLISHED
        }
        assert ids == keys.PUBLISHED_KEY_IDS

    @pytest.mark.vectors
    def test_every_private_key_of_the_vectors_is_refused(
        self, vectors_dir: Path, tmp_path: Path
    ) -> None:
        known = json.loads((vectors_dir / "sm/gbt.json").read_text("utf-8"))
        found = {
            case[name] for case in known["sm2"] for name in ("d", "d_a", "d_b") if name in case
        }
        assert len(found) == 4
        for secret in found:
            with pytest.raises(KeyFormatError) as caught:
                keys.save(
                    tmp_path / "key.pem",
                    sm2.PrivateKey.from_secret(bytes.fromhex(secret)),
                    PASSPHRASE,
                )
            assert caught.value.reason == "input.key.published"

    def test_a_published_key_is_refused_when_read_too(self, tmp_path: Path, quick: None) -> None:
        assert quick is None
        published = sm2.PrivateKey.from_secret(KNOWN_SECRET)
        write(tmp_path / "key.pem", sealed(pkcs8.encode(published)))
        with pytest.raises(KeyFormatError) as caught:
            keys.load(tmp_path / "key.pem", PASSPHRASE)
        assert caught.value.reason == "input.key.published"
        with pytest.raises(KeyFormatError):
            keys.require_unpublished(published.public)
