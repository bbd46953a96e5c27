"""Settings of a node: flag, then ``TN_*``, then ``trace-node.toml``, then the default.

``trace-node.toml`` is looked for in the home folder when that is given by flag or ``TN_HOME``, then
in the working directory, then in ``/etc/trace-node``; the first one found is read.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from typing_extensions import override

from trace_node.crypto import secret_file
from trace_node.errors import ConfigError

CONFIG_FILE = "trace-node.toml"
CONFIG_FILES = (Path(CONFIG_FILE), Path("/etc/trace-node") / CONFIG_FILE)
Seconds = Annotated[int, Field(ge=1, le=86_400)]


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
        passphrase: Opens the key files; empty to read it from the file ``passphrase`` in ``home``.
        interop: Whether single opaque entries may be added (off where collectors are served).
        language: Language of messages where the caller states none.
    """

    model_config = SettingsConfigDict(env_prefix="TN_", extra="forbid")

    home: Path = Path()
    organisation: str = Field(default="organisation", pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")
    log: str = Field(default="main", pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    origin: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    database_url: str = ""
    archive_url: str = ""
    seal_interval: Seconds = 10
    anchor_interval: Seconds = 60
    future_tolerance: Seconds = 60
    queue_limit: int = Field(default=200_000, ge=1_000)
    chain_url: str = ""
    chain_engine: Literal["embedded", "anvil", "besu", "fisco", "evm"] = "embedded"
    chain_port: int = Field(default=8545, ge=0, le=65_535)
    witnesses: tuple[str, ...] = ()
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
        places = (Path(home) / CONFIG_FILE, *CONFIG_FILES) if home else CONFIG_FILES
        found = next((path for path in places if path.is_file()), None)
        return (*sources, TomlConfigSettingsSource(settings_cls, found)) if found else sources

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
                "the passphrase of the key files is not set",
                field="passphrase",
                remedy="set TN_PASSPHRASE",
            )
        try:
            return secret_file.read(path).decode("utf-8").strip()
        except UnicodeDecodeError:  # which would carry the bytes
            raise ConfigError("{path}: must be UTF-8", field="passphrase", path=str(path)) from None

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


def load(**flags: object) -> Settings:
    """Read the settings; ``flags`` that are ``None`` do not count.

    Raises:
        ConfigError: A value breaks its rule, or a name is unknown.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(
            "setting {field}: {detail}",
            field=".".join(str(part) for part in first["loc"]) or "trace-node.toml",
            detail=first["msg"],
            remedy="correct it on the command line, in TN_* or in trace-node.toml",
        ) from error
    except ValueError as error:
        raise ConfigError(
            "trace-node.toml cannot be read: {detail}", field="trace-node.toml", detail=str(error)
        ) from error
