"""What the owner of a log does on its chain by hand: another signer, or a log that goes on.

The node is down meanwhile. Each step looks first at what the chain and the files say already, so a
command that broke off is given again and goes on where it stopped.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.home import Home
from api.settings import Settings
from api.wiring.chain_link import ChainLink, linked
from api.wiring.chain_side import deployed_contract, expected_chain, log_id_at
from chain.addresses import checksum_address, log_id_of
from chain.errors import ChainConfigError, ChainUnavailableError
from chain.log_owner import LogOwner
from chain.registry import ChainAnchorRegistry, LogInfo, RegistryContract
from chain.signer_key import AnchorKey, create_key, load_key
from trace_node.clock import Clock
from trace_node.errors import ConfigError, StateError
from trace_node.ids import Origin
from trace_node.ports.chain import AnchorRegistry
from trace_node.tlog.anchor import AnchoredHead

_PASSES = 120  # of a second each, for what the old signer has under way


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """A signer that took the place of another (签名账户轮换).

    Attributes:
        log_id: 32-byte id of the log.
        old: 20-byte address that may no longer move the head; ``None`` if its key file is lost.
        new: 20-byte address that may.
        head: Head of the log, which stays as it was.
    """

    log_id: bytes
    old: bytes | None
    new: bytes
    head: AnchoredHead


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerDesk:
    """Acts with the owner's key of a home.

    Attributes:
        settings: Of the node.
        home: Its files.
        link: The connection.
        contract: The registry.
    """

    settings: Settings
    home: Home
    link: ChainLink
    contract: RegistryContract

    @property
    def log_id(self) -> bytes:
        """The log of this home.

        Raises:
            ConfigError: Owner's key, origin and trust root do not name one.
        """
        return log_id_at(self.home, Origin(self.settings.log_origin))

    def registry(self) -> AnchorRegistry:
        """The contract as the check of the local log asks it; nothing is sent through it."""
        return ChainAnchorRegistry(self.contract, self.link.sender(self._owner_key()))

    def hand_over(self, *, lost: bool = False) -> Rotation:
        """Let a new key, in ``Home.next_anchor_key``, and nobody else move the head from now on.

        The key file is put in its place by ``finish``, once everything that names it is kept.

        Args:
            lost: The present signer's key is gone: what it may have sent is not waited for.

        Raises:
            ChainConfigError: Not open (``chain.log_not_open``), or of a signer that is not here
                (``chain.other_signer``).
            ChainUnavailableError: No answer, or not final in time; nothing is sent twice.
            ContractRefusalError: The contract refuses: the log was closed, or the owner is another.
        """
        old, begun = self._old_key(lost=lost), self._begun_key()
        log_id = self.log_id
        info, before = self._open(log_id)
        if not lost and info.signer not in {key.address for key in (old, begun) if key}:
            raise self._other_signer(checksum_address(info.signer))
        new = begun or create_key(self.home.next_anchor_key, self.settings.secret())
        if old is not None and info.signer == old.address:
            self._end_what_is_sent(old)
            info, before = self._open(log_id)
        owner = LogOwner(self.contract, self.link.sender(self._owner_key()))
        owner.rotate_signer(log_id, signer=new.address)
        info, head = self._open(log_id)
        if (info.signer, head) != (new.address, before):
            raise StateError(
                "{field}: after the rotation the chain holds signer {signer} and size {size}",
                field="log_id",
                signer=checksum_address(info.signer),
                size=head.size,
                remedy="somebody else has the owner's key, or an old signer still sends: look at"
                " the chain before the node is started",
                code="chain.rotation",
            )
        return Rotation(
            log_id=log_id, old=None if old is None else old.address, new=new.address, head=head
        )

    def finish(self, rotation: Rotation) -> None:
        """Put the new key file in the place of the old one, which is kept under its address.

        Whenever that breaks off, there is a key file of the one name or the other in its place.
        """
        anchor = self.home.anchor_key
        if rotation.old is not None:
            kept = self.home.keys / f"anchor-{rotation.old.hex()}.json"
            if not kept.exists():
                kept.hardlink_to(anchor)
        self.home.next_anchor_key.replace(anchor)

    def succeed(self, old_log_id: bytes, *, size: int) -> tuple[bytes, LogInfo]:
        """Close a log for good and open this home's log as the one that goes on; give its id.

        Args:
            old_log_id: 32-byte id of the log to close, which the same owner opened.
            size: Size of its head, as the operator knows it: closing cannot be undone.

        Raises:
            ChainConfigError: It was never opened (``chain.log_not_open``), its head is another
                (``chain.head_differs``), or this home's log is open already and follows none.
            ChainUnavailableError: No answer, or not final in time; nothing is sent twice.
            ContractRefusalError: The contract refuses: it was closed before, or is another owner's.
        """
        owner_key, origin = self._owner_key(), Origin(self.settings.log_origin)
        if old_log_id == log_id_of(owner=owner_key.address, origin=origin):
            raise ChainConfigError(
                "{field}: is the log of this home, which cannot follow itself",
                field="OLD_LOG_ID",
                remedy="make a new home with another log name, and give the command there",
                code="chain.other_predecessor",
            )
        _, head = self._open(old_log_id)
        if head.size != size:
            raise ChainConfigError(
                "{field}: the chain holds the log {log_id} at {found} leaves, not {expected}",
                field="--size",
                log_id="0x" + old_log_id.hex(),
                found=head.size,
                expected=size,
                remedy="make sure that this is the log to close, and give its size on the chain",
                code="chain.head_differs",
            )
        signer = load_key(self.home.anchor_key, self.settings.secret())
        owner = LogOwner(self.contract, self.link.sender(owner_key))
        log_id = owner.open_successor(origin, signer=signer.address, old_log_id=old_log_id)
        info, _ = self._open(log_id)
        return log_id, info

    def _open(self, log_id: bytes) -> tuple[LogInfo, AnchoredHead]:
        info, head = self.contract.log_info(log_id), self.contract.head(log_id)
        if info is None or head is None:
            raise ChainConfigError(
                "{field}: the log {log_id} is not open on this chain",
                field="log_id",
                log_id="0x" + log_id.hex(),
                remedy="name a log that was opened here, or correct the chain's address",
                code="chain.log_not_open",
            )
        return info, head

    def _owner_key(self) -> AnchorKey:
        if not self.home.owner_key.exists():
            raise ConfigError(
                "{path}: only the owner of the log can do this",
                field="owner_key",
                path=str(self.home.owner_key),
                remedy="bring the owner's key here for this command",
                code="config.owner_key",
            )
        return load_key(self.home.owner_key, self.settings.secret())

    def _other_signer(self, found: str) -> ChainConfigError:
        return ChainConfigError(
            "{field}: the log's signer is {found}, whose key is not here",
            field="anchor_key",
            found=found,
            remedy="bring its key file to {path}; if it is gone for good, give --key-lost too",
            path=str(self.home.anchor_key),
            code="chain.other_signer",
        )

    def _old_key(self, *, lost: bool) -> AnchorKey | None:
        """The present key; None where it is lost together with its file."""
        if lost and not self.home.anchor_key.exists():
            return None
        return load_key(self.home.anchor_key, self.settings.secret())

    def _begun_key(self) -> AnchorKey | None:
        """The key of a rotation that broke off."""
        path = self.home.next_anchor_key
        return load_key(path, self.settings.secret()) if path.exists() else None

    def _end_what_is_sent(self, old: AnchorKey) -> None:
        """Follow what the old signer has sent until it is final: after the rotation it reverts."""
        sender = self.link.sender(old)
        for _ in range(_PASSES):
            if all(each.state.finished for each in sender.settle()):
                return
            time.sleep(1)
        raise ChainUnavailableError(
            "{field}: transactions of the old signer are not final yet",
            field="anchor_key",
            remedy="see that the chain makes blocks and repeat the command: nothing is sent twice",
            code="chain.not_mined",
        )


@contextmanager
def owner_desk(settings: Settings, home: Home, *, url: str, clock: Clock) -> Iterator[OwnerDesk]:
    """Connect to the chain at ``url``, where the contract was deployed, as the owner of logs.

    Raises:
        ConfigError: Another chain than the recorded one, or no recorded deployment.
        UnavailableError: The endpoint does not answer.
    """
    with linked(home, expected_chain(settings, home, url), clock=clock) as link:
        _, contract = deployed_contract(link)
        yield OwnerDesk(settings=settings, home=home, link=link, contract=contract)
