"""Where the files of a node are: one folder, one name a file."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The home folder of a node.

    Attributes:
        folder: The folder itself.
    """

    folder: Path

    @property
    def keys(self) -> Path:
        """Folder of the key files."""
        return self.folder / "keys"

    @property
    def log_key(self) -> Path:
        """SM2 key that signs checkpoints."""
        return self.keys / "log.pem"

    @property
    def node_key(self) -> Path:
        """SM2 key that signs the node's own records."""
        return self.keys / "node.pem"

    @property
    def authority_key(self) -> Path:
        """SM2 key that enrols keys and meters; better kept elsewhere."""
        return self.keys / "authority.pem"

    @property
    def collector_key(self) -> Path:
        """SM2 key of the collector on this machine."""
        return self.keys / "collector.pem"

    @property
    def owner_key(self) -> Path:
        """secp256k1 key that owns the log on the chain; better kept elsewhere."""
        return self.keys / "owner.json"

    @property
    def anchor_key(self) -> Path:
        """secp256k1 key that may move the head on the chain."""
        return self.keys / "anchor.json"

    @property
    def next_anchor_key(self) -> Path:
        """The anchor key that takes the place of the present one; there while it is replaced."""
        return self.keys / "anchor.next.json"

    @property
    def relay_key(self) -> Path:
        """secp256k1 key that hands orders to the ledger; it has no rights over anything."""
        return self.keys / "relay.json"

    @property
    def link_secret(self) -> Path:
        """Secret behind the links that open one bundle each."""
        return self.keys / "links.bin"

    def pact_secret(self, partner: str) -> Path:
        """Secret of this node at a partner's host."""
        return self.keys / f"pact-{partner}.secret"

    @property
    def registrations(self) -> Path:
        """Folder of signed registrations, enrolled in the order of their names."""
        return self.folder / "registrations"

    @property
    def passphrase(self) -> Path:
        """The passphrase of the key files, where the operator set none."""
        return self.folder / "passphrase"

    @property
    def tokens(self) -> Path:
        """Access tokens, as digests."""
        return self.folder / "tokens.json"

    @property
    def trust_root(self) -> Path:
        """The trust root that outsiders are offered."""
        return self.folder / "trust-root.json"

    @property
    def witness_policy(self) -> Path:
        """The witnesses that are asked and demanded, as C2SP tlog-policy text."""
        return self.folder / "witness-policy.txt"

    @property
    def board_rules(self) -> Path:
        """Thresholds of the boards that the operator has set."""
        return self.folder / "board-rules.toml"

    @property
    def chain_file(self) -> Path:
        """The embedded chain."""
        return self.folder / "chain.db"

    @property
    def deployment(self) -> Path:
        """Where the contract is."""
        return self.folder / "deployment.json"

    @property
    def ledger(self) -> Path:
        """Where the contracts of the ledger are."""
        return self.folder / "ledger-deployment.json"

    @property
    def outbox(self) -> Path:
        """Signed transactions."""
        return self.folder / "outbox.db"

    @property
    def relay_outbox(self) -> Path:
        """Signed transactions of the relay."""
        return self.folder / "relay-outbox.db"

    @property
    def evidence(self) -> Path:
        """Folder of evidence of contradictions."""
        return self.folder / "evidence"

    @property
    def spool(self) -> Path:
        """Folder of the collector's own files."""
        return self.folder / "spool"

    @property
    def collector_status(self) -> Path:
        """What the collector on this machine says of itself."""
        return self.spool / "status.json"

    @property
    def running(self) -> Path:
        """Where a running node says how it is reached."""
        return self.folder / "running.json"
