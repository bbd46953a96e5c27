"""Settings of a node: flag, then ``TN_*``, then ``trace-node.toml``, then the default.

``trace-node.toml`` is looked for in the home folder when that is given by flag or ``TN_HOME``, then
in the working directory, then in ``/etc/trace-node``; the first one found is read.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from typing_extensions import override

from api.broken_rules import broken_rule
from trace_node.crypto import secret_file
from trace_node.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

CONFIG_FILE = "trace-node.toml"
CONFIG_FILES = (Path(CONFIG_FILE), Path("/etc/trace-node") / CONFIG_FILE)
_PREFIX = "TN_"
_ORIGIN = r"^([^\s+]{1,248}/(sm3|sha256))?$"
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,]{1,64}@[^@\s<>,]{1,190}$")]


def _read_list(value: object) -> object:
    """The list that a variable of the environment holds as JSON; another value as it is."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:  # the next step says that it is no list
            pass
    return value


class Settings(BaseSettings):
    """Everything an operator can set.

    Attributes:
        home: Folder of the node's own files.
        organisation: Name of the organisation whose readings are logged.
        log: Name of the log in URLs.
        origin: First line of the log's checkpoints; ends in the hash name.
        host: Address to listen on.
        port: Port to listen on; 0 lets the system choose.
        database_url: SQLAlchemy URL; empty for a SQLite file in ``home``.
        archive_url: URL of the second place; empty for a folder in ``home``.
        seal_interval: Seconds between checkpoints.
        anchor_interval: Seconds between anchorings.
        future_tolerance: Seconds by which a reading's time may lie ahead of our clock.
        queue_limit: Records that may wait for the writer before callers are asked to come back.
        chain_url: JSON-RPC endpoint; empty for the embedded chain of this node.
        chain_engine: Profile of the endpoint.
        chain_port: Loopback port of the embedded chain; 0 lets the system choose.
        witnesses: URLs of witnesses that are asked to cosign each checkpoint.
        collectors: Status files of collectors on this machine, whose links status and metrics show.
        ledger_organisations: Number on the ledger of each organisation that tokens may name.
        ledger_senders: Addresses of officers who may send to the embedded chain of this node.
        ledger_interval: Seconds between two looks at the ledger's contracts.
        ledger_lag: Seconds by which the ledger's mirror may be behind before it is not ready.
        reconcile_interval: Seconds between two comparisons of the mirror with the contracts.
        board_interval: Seconds between two looks at the boards.
        board_repeat: Seconds after which an alert that arrived is sent again, until acknowledged.
        board_retry: Seconds after which an alert that did not arrive is sent again, at first.
        board_webhooks: URLs that alerts are posted to.
        board_webhook_secret: Secret under which they are signed.
        board_mail_to: Addresses that alerts are mailed to.
        board_mail_from: Address they come from.
        board_mail_server: Mail server, as ``host:port``.
        board_mail_security: How the connection to it is secured.
        board_mail_ca: File of certificates it is trusted by; none for those of the system.
        board_mail_user: Name to log in with; empty for none.
        board_mail_password: Its password.
        pact_url: Public address of the PACT exchange; empty where there is none.
        pact_host: Address its listener is bound to.
        pact_port: Its port; 0 lets the system choose.
        pact_certificate: PEM file of its certificate; none where a proxy ends TLS.
        pact_key: PEM file of the certificate's private key.
        pact_proxies: Addresses of proxies that end TLS, whose X-Forwarded-Proto is believed.
        pact_interval: Seconds between two looks at the outbox of its events.
        pact_rate: Requests a partner may make in a minute.
        passphrase: Opens the key files; empty to read it from the file ``passphrase`` in ``home``.
        interop: Whether single opaque entries may be added (off where collectors are served).
        language: Language of messages where the caller states none.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid")

    home: Path = Path()
    organisation: str = Field(default="organisation", pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")
    log: str = Field(default="main", pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    origin: str = Field(default="", pattern=_ORIGIN)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    database_url: str = ""
    archive_url: str = ""
    seal_interval: Seconds = 10
    anchor_interval: Seconds = 60
    future_tolerance: Seconds = 60
    queue_limit: int = Field(default=200_000, ge=1_000)
    chain_url: str = Field(default="", pattern=r"^((https?://|embedded:).+)?$")
    chain_engine: Literal["embedded", "anvil", "besu", "fisco", "evm"] = "embedded"
    chain_port: int = Field(default=8545, ge=0, le=65_535)
    witnesses: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_read_list)] = ()
    collectors: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_read_list)] = ()
    ledger_organisations: Annotated[
        dict[str, Annotated[int, Field(ge=1)]], NoDecode, BeforeValidator(_read_list)
    ] = Field(default_factory=dict)
    ledger_senders: Annotated[
        tuple[Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")], ...],
        NoDecode,
        BeforeValidator(_read_list),
    ] = ()
    ledger_interval: Seconds = 1
    ledger_lag: Seconds = 60
    reconcile_interval: Seconds = 3_600
    board_interval: Seconds = 300
    board_repeat: Seconds = 86_400
    board_retry: Seconds = 60
    board_webhooks: Annotated[
        tuple[Annotated[str, Field(pattern=r"^https?://[^/\s]+")], ...],
        NoDecode,
        BeforeValidator(_read_list),
    ] = ()
    board_webhook_secret: SecretStr = SecretStr("")
    board_mail_to: Annotated[tuple[Address, ...], NoDecode, BeforeValidator(_read_list)] = ()
    board_mail_from: Address | Literal[""] = ""
    board_mail_server: str = Field(default="", pattern=r"^([^:\s]+:[0-9]{1,5})?$")
    board_mail_security: Literal["starttls", "tls", "none"] = "starttls"
    board_mail_ca: Path | None = None
    board_mail_user: str = ""
    board_mail_password: SecretStr = SecretStr("")
    pact_url: str = Field(default="", pattern=r"^(https://[A-Za-z0-9.\-\[\]:]+(/[\w.~-]+)*)?$")
    pact_host: str = "127.0.0.1"
    pact_port: int = Field(default=8443, ge=0, le=65_535)
    pact_certificate: Path | None = None
    pact_key: Path | None = None
    pact_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_read_list)] = ()
    pact_interval: Seconds = 5
    pact_rate: int = Field(default=600, ge=1, le=1_000_000)
    passphrase: SecretStr = SecretStr("")
    interop: bool = False
    language: Literal["en", "zh_CN"] = "en"

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then the file."""
        sources = (init_settings, env_settings)
        home = next((value for each in sources if (value := each().get("home"))), None)
        found = config_file(home)
        if found is None:
            return sources
        return (*sources, InitSettingsSource(settings_cls, _read_toml(found)))

    def secret(self) -> str:
        """The passphrase of the key files.

        Raises:
            ConfigError: It is neither set nor in its file, or others can read that file.
        """
        if text := self.passphrase.get_secret_value():
            return text
        path = self.home / "passphrase"
        if not path.exists():
            raise ConfigError(
                "{field}: the passphrase of the key files is not set",
                field="passphrase",
                remedy="set TN_PASSPHRASE",
            )
        try:
            return secret_file.read(path).decode("utf-8").strip()
        except UnicodeDecodeError:  # which would carry the bytes
            raise ConfigError(
                "{path}: must be UTF-8",
                field="passphrase",
                path=str(path),
                remedy="save the file as UTF-8",
            ) from None

    @property
    def log_origin(self) -> str:
        """The origin of the log, by default made from its name."""
        return self.origin or f"trace-node.local/{self.log}/sm3"

    @property
    def database(self) -> str:
        """The database URL, by default a SQLite file in the home folder."""
        return self.database_url or f"sqlite:///{(self.home / 'node.db').absolute()}"

    @property
    def archive(self) -> str:
        """The archive URL, by default a folder in the home folder."""
        return self.archive_url or (self.home / "archive").absolute().as_uri()


def config_file(home: Path | str | None) -> Path | None:
    """The file of settings that is read; None where there is none."""
    places = (Path(home) / CONFIG_FILE, *CONFIG_FILES) if home else CONFIG_FILES
    return next((path for path in places if os.path.lexists(path)), None)


def load(**flags: object) -> Settings:
    """Read the settings; ``flags`` that are ``None`` do not count.

    Raises:
        ConfigError: A value breaks its rule, a name is unknown, or the file cannot be read.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        raise _wrong_setting(error.errors()[0], given) from None  # it may show a secret


def _wrong_setting(first: "ErrorDetails", given: Mapping[str, object]) -> ConfigError:
    """What is wrong with a setting, and where it was set."""
    name = str(first["loc"][0])
    rule = broken_rule(first)
    return ConfigError(
        rule.template,
        **{**rule.params, "field": ".".join(str(part) for part in first["loc"])},
        place=_place(name, given),
        remedy="correct it in {place}",
        code="config.setting",
    )


def _place(name: str, given: Mapping[str, object]) -> str:
    """Where a setting has its value from."""
    if name in given:
        return f"--{name.replace('_', '-')}"
    variable = f"{_PREFIX}{name.upper()}"
    if variable in map(str.upper, os.environ):
        return variable
    home = given.get("home") or os.environ.get(f"{_PREFIX}HOME")
    return str(config_file(None if home is None else str(home)) or CONFIG_FILE)


def _read_toml(path: Path) -> dict[str, object]:
    """The content of a file of settings.

    Raises:
        ConfigError: It cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            "{path}: cannot be read: {detail}",
            field=CONFIG_FILE,
            path=str(path),
            detail=error.strerror or type(error).__name__,
            remedy="check the path and the permissions",
            code="config.file",
        ) from error
    except ValueError as error:  # of the encoding, or of the form
        raise ConfigError(
            "{path}: not TOML: {detail}",
            field=CONFIG_FILE,
            path=str(path),
            detail=str(error),
            remedy="correct the text at the place named",
            code="config.syntax",
        ) from None
