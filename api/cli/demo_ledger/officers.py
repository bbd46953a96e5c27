"""Officers of the show and their keys; they act as by ``trace-node ledger act``."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from api.home import Home
from api.wiring.ledger_sender import LedgerSender, ledger_sender
from chain.ledger_act_arguments import read_arguments
from chain.ledger_acts import find_act
from chain.ledger_record import read_ledger
from chain.signer_key import create_key
from trace_node.clock import SystemClock
from trace_node.crypto import keys
from trace_node.errors import UnavailableError

CHEAP_SCRYPT: Final = 1_024  # the keys of a show need not resist anybody
ADMINISTRATORS: Final = ("administrator-1", "administrator-2", "administrator-3")
OFFICES: Final = {
    "regulator-1": "REGULATOR",
    "regulator-2": "REGULATOR",
    "registry-1": "REGISTRY",
    "registry-2": "REGISTRY",
    "exchange-1": "EXCHANGE",
    "verifier-1": "VERIFIER",
}


class KeyRing:
    """Key files that the show makes for everybody in it: it is custodial (托管).

    Args:
        home: Home of the node.
        passphrase: Encrypts the files.
    """

    def __init__(self, home: Home, passphrase: str) -> None:
        self._home = home
        self._folder = home.folder / "show-keys"
        self._passphrase = passphrase
        self.addresses: dict[str, str] = {}

    def make(self, *names: str) -> None:
        """Make a key for the chain for each."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for name in names:
            key = create_key(self.path(name), self._passphrase, work_factor=CHEAP_SCRYPT)
            self.addresses[name] = key.shown

    def make_signing_key(self, path: Path) -> None:
        """Make an SM2 key."""
        keys.save(path, keys.generate(), self._passphrase, scrypt_n=CHEAP_SCRYPT)

    def make_node_keys(self) -> None:
        """Make the keys of the node, which ``trace-node init`` then finds."""
        home = self._home
        home.keys.mkdir(mode=0o700)
        for path in (home.log_key, home.node_key, home.authority_key, home.collector_key):
            self.make_signing_key(path)
        for path in (home.owner_key, home.anchor_key, home.relay_key):
            create_key(path, self._passphrase, work_factor=CHEAP_SCRYPT)

    def path(self, name: str) -> Path:
        """The key file of somebody."""
        return self._folder / f"{name}.json"


class Officers:
    """Who acts on the ledger with a key of an office.

    Args:
        home: Home of the node.
        url: Endpoint of the chain.
        keys: The keys.
        passphrase: Opens them.
        stack: Closes the connections.
    """

    def __init__(
        self, home: Home, *, url: str, keys: KeyRing, passphrase: str, stack: ExitStack
    ) -> None:
        self._deployment = read_ledger(home.ledger)
        self._url = url
        self._keys = keys
        self._passphrase = passphrase
        self._stack = stack
        self._senders: dict[str, LedgerSender] = {}

    @property
    def chain_id(self) -> int:
        """Of the ledger."""
        return self._deployment.chain_id

    def act(self, who: str, name: str, **values: object) -> dict[str, Any]:
        """Do an act, and return the values of its events.

        Args:
            who: Name of the officer.
            name: Contract and function.
            values: Arguments; a text stands for its digest.

        Raises:
            ContractRefusalError: The contract refuses.
            UnavailableError: The chain does not answer.
        """
        found = find_act(name)
        arguments = read_arguments(found, {key: str(value) for key, value in values.items()})
        acts = self._sender(who).acts
        done = acts.perform(found, arguments)
        if done.mined is None or not done.state.finished:
            raise UnavailableError(
                "{act} of {who} is not final",
                field="chain",
                code="unavailable.demo",
                act=name,
                who=who,
                remedy="see the log of the node",
            )
        return {key: value for _, told in acts.events(found, done) for key, value in told.items()}

    def height(self) -> int:
        """Number of the chain's newest block."""
        return self._sender(ADMINISTRATORS[0]).relay.standing(b"\xff" * 32).block

    def _sender(self, who: str) -> LedgerSender:
        if who not in self._senders:
            self._senders[who] = self._stack.enter_context(
                ledger_sender(
                    self._deployment,
                    url=self._url,
                    key=self._keys.path(who),
                    passphrase=self._passphrase,
                    clock=SystemClock(),
                )
            )
        return self._senders[who]
