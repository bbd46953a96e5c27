"""The owner of a log gives it another signer, or continues it: the node goes on, old proofs verify."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chains import outside_chain
from support.cheap_keys import make_cheap_keys
from support.command import Done, command
from support.evm import anvil, anvil_program
from support.wired import DEVICE, Up, collector_key, enrol, new_home, started_home, up, wait_for

from api.home import Home
from api.wiring import chain_owner
from chain.errors import ChainUnavailableError
from chain.light import LightChain
from chain.log_owner import LogOwner
from chain.signer_key import stated_address
from trace_node.clock import SystemClock
from trace_node.services.prove import prove_entry
from trace_node.services.verify import Report, verify_file
from trace_node.services.verify_against import Against
from trace_node.tlog.verdict import Anchored, Status


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    make_cheap_keys(monkeypatch)


@pytest.fixture(params=["embedded", pytest.param("anvil", marks=pytest.mark.anvil)])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A home whose node was started once, on either engine."""
    if request.param == "guest":
        yield request.getfixturevalue("guest")
        return
    if request.param == "embedded":
        yield started_home(tmp_path / "home")
        return
    if anvil_program() is None:
        pytest.skip("no anvil: run infra/scripts/contracts --install")
    with anvil() as engine:
        home = new_home(tmp_path / "home")
        with (home / "trace-node.toml").open("a", encoding="utf-8") as file:
            file.write(
                f'chain_url = "{engine.web3.provider.endpoint_uri}"\nchain_engine = "anvil"\n'
            )
        enrol(home, collector=collector_key(), devices=[DEVICE])
        with up(home):
            pass
        yield home


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A chain for all tests that need none of their own: each has its own contract and log there."""
    with outside_chain(tmp_path_factory.mktemp("outside") / "chain.db") as url:
        yield url


@pytest.fixture
def guest(outside: str, tmp_path: Path) -> Path:
    """A home whose node was started once, and whose chain is elsewhere: no command starts one."""
    home = new_home(tmp_path / "home")
    with (home / "trace-node.toml").open("a", encoding="utf-8") as file:
        file.write(f'chain_url = "{outside}"\nchain_engine = "embedded"\n')
    enrol(home, collector=collector_key(), devices=[DEVICE])
    with up(home):
        pass
    return home


def told(done: Done) -> dict:
    assert done.code == 0, done.err
    return json.loads(done.out)


def chain(name: str, home: Path, *more: object) -> dict:
    return told(command("chain", name, *more, "--home", home, "-o", "json"))


def proved(it: Up) -> bytes:
    """Deliver, wait until it is anchored for good, and give the first reading's bundle."""
    first = it.deliver().first_index
    it.wait_final(it.node.services.reader.state().size)
    return prove_entry(first, reader=it.node.services.reader)


def verdict(raw: bytes, home: Path, it: Up) -> Report:
    """What a stranger finds who asks the chain."""
    root = Home(home).trust_root.read_bytes()
    reader = LightChain(it.node.chain.url)
    try:
        return verify_file(
            raw, against=Against(trust_root=root, now=SystemClock().now(), chain=reader)
        )
    finally:
        reader.close()


def require_live(raw: bytes, home: Path, it: Up) -> None:
    found = verdict(raw, home, it).verdict
    assert (found.signed, found.anchored) == (Status.PASSED, Anchored.LIVE_CHAIN), found


def test_a_new_signer_anchors_and_old_proofs_still_verify(home: Path) -> None:
    files = Home(home)
    before = stated_address(files.anchor_key)
    with up(home) as it:
        old = proved(it)
    said = chain("rotate-signer", home)
    after = stated_address(files.anchor_key)
    assert (said["old_signer"].lower(), said["signer"].lower()) == (
        "0x" + before.hex(),
        "0x" + after.hex(),
    )
    assert before != after
    standing = chain("status", home)
    assert (standing["signer"], standing["size"]) == (said["signer"], said["size"])
    assert standing["root"] == said["root"]
    assert stated_address(files.keys / f"anchor-{before.hex()}.json") == before
    bound = [json.loads(path.read_bytes()) for path in sorted(files.registrations.iterdir())]
    assert bound[-1]["address"] == said["signer"]
    with up(home) as it:
        fresh = proved(it)
        require_live(old, home, it)
        require_live(fresh, home, it)
        assert it.node.chain.registry.head(it.node.chain.log_id).size > said["size"]
    assert command("fsck", "--home", home).code == 0


@pytest.mark.parametrize("lost", ["the answer", "between two names"])
def test_a_rotation_that_broke_off_goes_on_where_it_stopped(
    guest: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    home = guest
    files = Home(home)
    before = stated_address(files.anchor_key)
    rotate = LogOwner.rotate_signer

    def broken(*arguments: object, **named: object) -> None:
        rotate(*arguments, **named)  # type: ignore[arg-type]
        raise ChainUnavailableError("{field}: the answer is lost", field="chain")

    def dies(*_: object) -> None:
        raise ChainUnavailableError("{field}: the process ends", field="chain")

    with monkeypatch.context() as patch:
        if lost == "the answer":
            patch.setattr(LogOwner, "rotate_signer", broken)
        else:
            patch.setattr(Path, "replace", dies)
        assert command("chain", "rotate-signer", "--home", home).code == 4
    waiting = stated_address(files.next_anchor_key)
    assert stated_address(files.anchor_key) == before  # never without a key of that name
    with up(home) as it:  # started all the same: it takes readings and seals, and says why no more
        behind = it.deliver().next_index
        wait_for(lambda: it.node.services.reader.checkpoint().size >= behind)
    refused = command("chain", "anchor", "--home", home)
    assert refused.complaint[1] == "chain.refused.not_signer"
    assert "chain rotate-signer" in refused.err
    doctor = command("doctor", "--home", home)
    assert (doctor.code, "rotate-signer again" in doctor.out) == (1, True)
    said = chain("rotate-signer", home)
    assert said["signer"].lower() == "0x" + waiting.hex()
    assert stated_address(files.anchor_key) == waiting
    assert not files.next_anchor_key.exists()
    addresses = [json.loads(p.read_bytes()).get("address") for p in files.registrations.iterdir()]
    assert addresses.count(said["signer"]) == 1
    with up(home) as it:
        it.wait_final(it.node.services.reader.state().size)


def test_a_rotation_needs_the_owner_and_a_node_that_is_down(guest: Path) -> None:
    home = guest
    files = Home(home)
    owner = files.owner_key.read_bytes()
    files.owner_key.unlink()
    done = command("chain", "rotate-signer", "--home", home)
    assert (done.code, done.complaint[1]) == (2, "config.owner_key")
    files.owner_key.write_bytes(owner)
    files.owner_key.chmod(0o600)
    from api.running import only_one  # noqa: PLC0415

    with only_one(files):
        done = command("chain", "rotate-signer", "--home", home)
    assert done.complaint[1] == "state.running"
    assert not files.next_anchor_key.exists()


def test_a_signer_that_is_not_here_is_not_replaced(guest: Path) -> None:
    """Somebody else rotated it before: whoever holds that key may still be sending."""
    home = guest
    files = Home(home)
    first = files.anchor_key.read_bytes()
    chain("rotate-signer", home)
    files.anchor_key.write_bytes(first)
    done = command("chain", "rotate-signer", "--home", home)
    assert done.complaint[1] == "chain.other_signer"
    assert "--key-lost" in done.err
    assert not files.next_anchor_key.exists()  # nothing was begun


def test_a_signer_whose_key_is_lost_is_replaced_by_its_owner(guest: Path) -> None:
    home = guest
    files = Home(home)
    gone = stated_address(files.anchor_key)
    files.anchor_key.unlink()
    assert command("chain", "rotate-signer", "--home", home).complaint[1] == "chain.key_file"
    said = chain("rotate-signer", home, "--key-lost")
    assert said["old_signer"] is None
    assert stated_address(files.anchor_key) != gone
    with up(home) as it:
        require_live(proved(it), home, it)


def successor_home(home: Path, folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """A new home for the log that goes on, as docs/operations.md says: contract, chain and owner."""
    old, files = Home(home), Home(folder)
    with patch.context() as patched:
        patched.setenv("TN_PASSPHRASE", old.passphrase.read_text().strip())
        new = new_home(folder, log="plant-a-2")
    shutil.copy(old.passphrase, files.passphrase)
    shutil.copy(old.deployment, files.deployment)
    shutil.copy(old.owner_key, files.owner_key)
    if old.chain_file.exists():
        shutil.copy(old.chain_file, files.chain_file)
    else:
        lines = (home / "trace-node.toml").read_text().splitlines()
        with (new / "trace-node.toml").open("a", encoding="utf-8") as file:
            for name in ("chain_url", "chain_engine"):
                file.write(next(line for line in lines if line.startswith(name)) + "\n")
    return new


@pytest.mark.parametrize(
    "home",
    [
        "guest",
        pytest.param("embedded", marks=pytest.mark.soak),  # a process for each command
        pytest.param("anvil", marks=pytest.mark.anvil),
    ],
    indirect=True,
)
def test_a_successor_goes_on_and_the_old_log_is_closed_for_good(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with up(home) as it:
        old = proved(it)
    before = chain("status", home)
    new = successor_home(home, tmp_path / "new", monkeypatch)
    wrong = command(
        "chain", "successor", before["log_id"], "--size", before["size"] + 1, "--home", new
    )
    assert wrong.complaint[1] == "chain.head_differs"
    size = ("--size", before["size"])
    said = [chain("successor", new, before["log_id"], *size) for _ in range(2)]  # twice is once
    assert said[0] == said[1]
    assert said[0]["predecessor"] == before["log_id"]
    assert (said[0]["predecessor_size"], said[0]["predecessor_root"]) == (
        before["size"],
        before["root"],
    )
    standing = chain("status", new)
    assert (standing["predecessor"], standing["size"]) == (before["log_id"], 0)
    with up(new) as it:
        it.wait_final(it.node.services.reader.state().size)
        assert it.node.chain.registry.head(it.node.chain.log_id).size > 0
        require_live(old, home, it)  # by the trust root of the old log, on the same chain
        assert verdict(old, new, it).verdict.signed is Status.FAILED
        contract = chain_owner.RegistryContract(
            it.node.chain.registry._client, it.node.chain.deployment.contract
        )
        info = contract.log_info(bytes.fromhex(before["log_id"][2:]))
        assert "0x" + info.successor.hex() == said[0]["log_id"]


def test_what_cannot_be_succeeded_is_named(guest: Path) -> None:
    home = guest
    own = chain("status", home)["log_id"]
    for log_id, code in (
        ("0x12", "chain.log_id"),
        ("0x" + "12" * 32, "chain.log_not_open"),
        (own, "chain.other_predecessor"),
    ):
        done = command("chain", "successor", log_id, "--size", 0, "--home", home)
        assert (done.code, done.complaint[1]) == (2, code)


def test_an_authority_elsewhere_binds_the_new_address(guest: Path, tmp_path: Path) -> None:
    """What the command tells to do there is done by a command."""
    home = guest
    files = Home(home)
    authority = files.authority_key.read_bytes()
    files.authority_key.unlink()
    done = command("chain", "rotate-signer", "--home", home, "-o", "json")
    said = told(done)
    assert said["registration_kept"] is False
    assert f"--usage log --address {said['signer']}" in done.err
    files.authority_key.write_bytes(authority)
    files.authority_key.chmod(0o600)
    files.anchor_key.rename(tmp_path / "anchor.json")  # where the authority is, it is not
    point = json.loads(command("keys", "show", files.log_key, "--home", home, "-o", "json").out)
    words = ("keys", "enrol", "--point", point["point"], "--subject", "log", "--home", home)
    wrong = command(*words, "--usage", "log", "--address", said["signer"].swapcase())
    assert wrong.code == 2
    assert command(*words, "--usage", "node", "--address", said["signer"]).code == 2
    assert command(*words, "--usage", "log", "--address", said["signer"]).code == 0
    newest = json.loads(max(files.registrations.iterdir()).read_bytes())
    assert (newest["usage"], newest["address"]) == ("log", said["signer"])
