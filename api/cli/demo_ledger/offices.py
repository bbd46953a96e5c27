"""Before the year: offices, organisations with their bindings, accounts and keys."""

import time
from typing import Final

from api.cli.demo_ledger.cast import COAST, ENTERPRISES, RIVER, Enterprise
from api.cli.demo_ledger.officers import ADMINISTRATORS, OFFICES
from api.cli.demo_ledger.stage import ROLE_DELAY_S
from api.cli.demo_ledger.world import World
from api.cli.options import say
from trace_node.ids import from_base64url
from trace_node.tlog.hasher import SM3

RIGHTS: Final = (("initiator", "initiate"), ("approver", "approve"))
REGULATOR: Final = "regulator"


def appoint(world: World) -> None:
    """Grant the offices: one administrator proposes, another approves, after the delay it holds."""
    first, second, third = ADMINISTRATORS
    changes = []
    for officer, role in OFFICES.items():
        proposed = world.officers.act(
            first,
            "AccessRegistry.proposeRole",
            officer=world.keys.addresses[officer],
            role=role,
            grant="true",
            reason="appointed for the show",
        )
        changes.append(proposed["changeId"])
        world.officers.act(second, "AccessRegistry.approveRole", changeId=changes[-1])
    time.sleep(ROLE_DELAY_S + 1)
    for change in changes:
        world.officers.act(third, "AccessRegistry.executeRole", changeId=change)
    say(
        "{count} officers appointed by two administrators each, after the delay",
        count=len(changes),
    )


def enter(world: World) -> None:
    """Enter organisations, accounts and keys by the registry."""
    for each in ENTERPRISES:
        world.organisations[each.name] = _organisation(world, each)
        world.holdings[each.name] = _account(world, each, "HOLDING")
    world.ccer_account = _account(world, RIVER, "CCER")
    world.officers.act(
        "registry-1",
        "AccessRegistry.bindAccount",
        account=world.ccer_account,
        holding=world.holdings[RIVER.name],
    )
    number = world.organisations[COAST.name]
    world.provincial = _open(world, number, "PROVINCIAL")
    authority = world.officers.act(
        "registry-1",
        "AccessRegistry.registerOrganisation",
        binding="the regulator: its officers act by their offices, it has no keys",
    )
    world.issuance = _open(world, authority["organisation"], "ISSUANCE")
    say(
        "{count} enterprises with logged bindings; two keys each: one initiates, one approves",
        count=len(ENTERPRISES),
    )


def _organisation(world: World, enterprise: Enterprise) -> int:
    """The organisation signs which addresses are its own; the digest of that goes on the chain."""
    folder = world.home.folder / "show-bindings"
    folder.mkdir(exist_ok=True)
    key, record = folder / f"{enterprise.name}.pem", folder / f"{enterprise.name}.json"
    world.keys.make_signing_key(key)
    addresses = [
        word
        for half, _ in RIGHTS
        for word in ("--address", world.keys.addresses[f"{enterprise.name}-{half}"])
    ]
    world.commands.run(
        *("keys", "bind", key, "--organisation", enterprise.name, *addresses),
        *("--legal-name", f"{enterprise.name} (invented)", "--out", record),
        *("--chain-id", world.officers.chain_id),
    )
    logged = world.commands.ask("keys", "log-binding", record)
    told = world.officers.act(
        "registry-1", "AccessRegistry.registerOrganisation", binding=hex_of(logged["digest"])
    )
    return int(told["organisation"])


def _account(world: World, enterprise: Enterprise, kind: str) -> int:
    account = _open(world, world.organisations[enterprise.name], kind)
    binding = (world.home.folder / "show-bindings" / f"{enterprise.name}.json").read_text()
    for half, rights in RIGHTS:
        proposed = world.officers.act(
            "registry-1",
            "AccessRegistry.proposeKey",
            account=account,
            key=world.keys.addresses[f"{enterprise.name}-{half}"],
            rights=rights,
            binding=digest_of(binding),
        )
        world.officers.act("registry-2", "AccessRegistry.approveKey", changeId=proposed["changeId"])
    return account


def _open(world: World, organisation: int, kind: str) -> int:
    told = world.officers.act(
        "registry-1",
        "AccessRegistry.openAccount",
        organisation=organisation,
        kind=kind,
        delay=0,
        registryNumber=f"SHOW-ACCOUNT-{organisation}-{kind}",
    )
    return int(told["account"])


def hex_of(digest: str) -> str:
    """A digest of 32 bytes in base64url as the chain's commands take it."""
    return "0x" + from_base64url(digest, size=32, field="digest").hex()


def digest_of(record: str) -> str:
    """Digest of the leaf that a record is in the log."""
    return "0x" + SM3.leaf(record.encode()).hex()
