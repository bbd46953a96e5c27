"""Key files: what is written, what is read, and everything that is refused."""

import os
import subprocess
import traceback
from pathlib import Path
from typing import Any

import pytest
from support.crypto_keys import KEYS, PASSPHRASE, pem, quick, write

from trace_node.crypto import ed25519, keys, secret_file, sm2
from trace_node.crypto.der import integer
from trace_node.crypto.errors import KeyFileError, KeyFormatError, ParameterError

__all__ = ["quick"]

COST = 2**14


class TestWritingAndReading:
    @pytest.mark.parametrize("name", KEYS)
    def test_a_key_comes_back(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "key.pem"
        keys.save(path, KEYS[name], PASSPHRASE)
        read = keys.load_as(type(KEYS[name]), path, PASSPHRASE)
        assert type(read) is type(KEYS[name])
        assert read.secret == KEYS[name].secret
        assert read.public == KEYS[name].public
        assert path.stat().st_mode & 0o777 == 0o600

    @pytest.mark.usefixtures("quick")
    def test_the_file_holds_no_secret_in_clear_and_no_file_twice_the_same(
        self, tmp_path: Path
    ) -> None:
        contents = []
        for number in range(2):
            path = tmp_path / f"{number}.pem"
            keys.save(path, KEYS["SM2"], PASSPHRASE)
            contents.append(keys._unwrap(path, path.read_bytes()))
        assert contents[0] != contents[1]
        assert all(KEYS["SM2"].secret not in content for content in contents)

    def test_the_costs_of_a_written_file_are_those_of_the_decision(self, tmp_path: Path) -> None:
        keys.save(tmp_path / "key.pem", KEYS["SM2"], PASSPHRASE)
        der = keys._unwrap(tmp_path, (tmp_path / "key.pem").read_bytes())
        assert integer(COST) + integer(8) + integer(5) in der

    def test_generate_makes_an_sm2_key(self) -> None:
        assert isinstance(keys.generate(), sm2.PrivateKey)

    @pytest.mark.usefixtures("quick")
    def test_an_existing_file_is_not_overwritten(self, tmp_path: Path) -> None:
        path = write(tmp_path / "key.pem", b"precious")
        with pytest.raises(KeyFileError) as caught:
            keys.save(path, KEYS["SM2"], PASSPHRASE)
        assert caught.value.reason == "config.key_file.exists"
        assert path.read_bytes() == b"precious"
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize("passphrase", ["", "short", "1234567"])
    def test_a_passphrase_has_8_characters(self, tmp_path: Path, passphrase: str) -> None:
        with pytest.raises(ParameterError) as caught:
            keys.save(tmp_path / "key.pem", KEYS["SM2"], passphrase)
        assert caught.value.reason == "input.parameter.passphrase"
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.usefixtures("quick")
    def test_a_passphrase_may_be_in_any_language(self, tmp_path: Path) -> None:
        keys.save(tmp_path / "key.pem", KEYS["SM2"], "碳排放溯源节点的口令")
        assert keys.load(tmp_path / "key.pem", "碳排放溯源节点的口令").public == KEYS["SM2"].public


class TestOutsideTools:
    @pytest.mark.parametrize("name", ["SM2", "Ed25519"])
    def test_openssl_opens_our_file(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "key.pem"
        keys.save(path, KEYS[name], PASSPHRASE)
        shown = openssl("pkey", "-in", path, "-passin", f"pass:{PASSPHRASE}", "-text", "-noout")
        private = "".join(shown.split("priv:")[1].split("pub:")[0].split()).replace(":", "")
        assert private == KEYS[name].secret.hex()

    @pytest.mark.parametrize(
        ("arguments", "kind"),
        [
            (["-algorithm", "SM2"], sm2.PrivateKey),
            (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"], sm2.PrivateKey),
            (["-algorithm", "ED25519"], ed25519.PrivateKey),
        ],
    )
    def test_we_open_files_of_openssl(
        self, tmp_path: Path, arguments: list[str], kind: type[Any]
    ) -> None:
        path = tmp_path / "key.pem"
        password = f"pass:{PASSPHRASE}"
        openssl("genpkey", *arguments, "-aes-256-cbc", "-pass", password, "-out", path)
        path.chmod(0o600)
        key = keys.load_as(kind, path, PASSPHRASE)
        public = openssl("pkey", "-in", path, "-passin", password, "-text_pub", "-noout")
        shown = "".join(public.split("pub:")[1].split("ASN1")[0].split()).replace(":", "")
        raw = key.public.point if isinstance(key, sm2.PrivateKey) else key.public.raw
        assert shown == raw.hex()

    def test_the_remedy_for_an_open_key_file_works(self, tmp_path: Path) -> None:
        path, new = tmp_path / "open.pem", tmp_path / "new.pem"
        openssl("genpkey", "-algorithm", "SM2", "-out", path)
        path.chmod(0o600)
        with pytest.raises(KeyFileError) as caught:
            keys.load(path, PASSPHRASE)
        assert caught.value.reason == "config.key_file.pem"
        command = caught.value.remedy.split(": ", 1)[1].replace("KEY", str(path))
        words = command.replace("NEW", str(new)).split()
        openssl(*words[1:], "-passout", f"pass:{PASSPHRASE}")
        new.chmod(0o600)
        assert isinstance(keys.load(new, PASSPHRASE), sm2.PrivateKey)


def openssl(*arguments: str | Path) -> str:
    finished = subprocess.run(
        ["openssl", *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return finished.stdout


@pytest.mark.usefixtures("quick")
class TestRefusals:
    @pytest.fixture
    def path(self, tmp_path: Path, quick: None) -> Path:
        assert quick is None
        keys.save(tmp_path / "key.pem", KEYS["SM2"], PASSPHRASE)
        return tmp_path / "key.pem"

    def test_a_wrong_passphrase(self, path: Path) -> None:
        reasons = set()
        for attempt in range(600):  # about two of them pass the padding by chance
            with pytest.raises(KeyFileError) as caught:
                keys.load(path, f"wrong passphrase {attempt}")
            reasons.add(caught.value.reason)
        assert reasons == {"config.key_file.passphrase"}

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601, 0o610, 0o666, 0o777])
    def test_a_file_that_others_can_reach(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        with pytest.raises(KeyFileError) as caught:
            keys.load(path, PASSPHRASE)
        assert caught.value.reason == "config.key_file.mode"
        assert f"{mode:04o}" in caught.value.message
        assert f"chmod 600 {path}" in caught.value.remedy

    @pytest.mark.parametrize("mode", [0o400, 0o600, 0o700])
    def test_a_file_that_only_the_owner_can_reach(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        assert keys.load(path, PASSPHRASE).public == KEYS["SM2"].public

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(KeyFileError) as caught:
            keys.load(tmp_path / "none.pem", PASSPHRASE)
        assert caught.value.reason == "config.key_file.open"
        assert "No such file" in caught.value.message

    def test_a_folder_a_pipe_and_a_device(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe", 0o600)
        for path in (tmp_path, tmp_path / "pipe", Path("/dev/null")):
            with pytest.raises(KeyFileError) as caught:
                keys.load(path, PASSPHRASE)
            assert caught.value.reason == "config.key_file.type"

    def test_a_file_of_another_user(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 4242)
        real = os.fstat

        def of_another(descriptor: int) -> os.stat_result:
            values = list(real(descriptor))
            values[4] = 4243
            return os.stat_result(values)

        monkeypatch.setattr(os, "fstat", of_another)
        with pytest.raises(KeyFileError) as caught:
            keys.load(path, PASSPHRASE)
        assert caught.value.reason == "config.key_file.owner"

    def test_a_link_to_a_private_file_is_followed(self, path: Path, tmp_path: Path) -> None:
        link = tmp_path / "link.pem"
        link.symlink_to(path)
        assert keys.load(link, PASSPHRASE).public == KEYS["SM2"].public

    def test_a_large_file_is_not_parsed(self, tmp_path: Path) -> None:
        write(tmp_path / "big.pem", b"-" * (secret_file.MAX_SIZE + 1))
        with pytest.raises(KeyFileError) as caught:
            keys.load(tmp_path / "big.pem", PASSPHRASE)
        assert caught.value.reason == "config.key_file.size"

    @pytest.mark.parametrize(
        "change",
        [
            lambda _: b"",
            lambda pem: b"a comment\n" + pem,
            lambda pem: pem + pem,
            lambda pem: pem + b"x",
            lambda pem: pem.replace(b"ENCRYPTED ", b""),
            lambda pem: pem.replace(b"END", b"FIN"),
            lambda pem: pem.replace(b"\nM", b"\n=M", 1),
            lambda pem: pem.replace(b"\nM", b"\n", 1),
        ],
    )
    def test_what_is_not_one_pem_block(self, path: Path, change: Any) -> None:
        write(path, change(path.read_bytes()))
        with pytest.raises(KeyFileError) as caught:
            keys.load(path, PASSPHRASE)
        assert caught.value.reason == "config.key_file.pem"

    def test_windows_line_ends_are_read(self, path: Path) -> None:
        write(path, path.read_bytes().replace(b"\n", b"\r\n"))
        assert keys.load(path, PASSPHRASE).public == KEYS["SM2"].public

    def test_a_key_of_another_algorithm(self, tmp_path: Path) -> None:
        keys.save(tmp_path / "bls.pem", KEYS["BLS"], PASSPHRASE)
        with pytest.raises(KeyFileError) as caught:
            keys.load(tmp_path / "bls.pem", PASSPHRASE)
        assert caught.value.reason == "config.key_file.algorithm"
        assert "BLS12-381" in caught.value.message
        assert "SM2-SM3" in caught.value.message

    @pytest.mark.parametrize("name", KEYS)
    def test_every_damaged_byte_is_noticed(self, tmp_path: Path, name: str) -> None:
        keys.save(tmp_path / "key.pem", KEYS[name], PASSPHRASE)
        der = keys._unwrap(tmp_path, (tmp_path / "key.pem").read_bytes())
        for position in range(len(der)):
            damaged = bytearray(der)
            damaged[position] ^= 0x41
            write(tmp_path / "damaged.pem", pem(bytes(damaged)))
            with pytest.raises((KeyFileError, KeyFormatError)):
                keys.load_any(tmp_path / "damaged.pem", PASSPHRASE)


def test_a_passphrase_that_is_no_text_is_refused_without_showing_it(tmp_path: Path) -> None:
    keys.save(tmp_path / "key.pem", KEYS["SM2"], PASSPHRASE)
    words = "quiet words \udcff"
    for action in (
        lambda: keys.save(tmp_path / "new.pem", KEYS["SM2"], words),
        lambda: keys.load(tmp_path / "key.pem", words),
    ):
        with pytest.raises(ParameterError) as caught:
            action()
        assert caught.value.reason == "input.parameter.passphrase"
        assert "quiet" not in "".join(traceback.format_exception(caught.value))
