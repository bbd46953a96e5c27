"""The compiled contracts that travel with the package, checked by digest before they are used.

``contracts/build.mjs`` writes ``chain/abi/*.json`` and ``chain/abi/sources.json``; nobody who
installs the package needs Node or a compiler. An artifact whose bytes differ from the digest kept
beside it is refused: a node must not deploy, or take for genuine, a contract that is not the
reviewed one.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson

from trace_node.errors import IntegrityError, NotFoundError

ABI_FOLDER = Path(__file__).parent / "abi"
CHECKPOINT_REGISTRY = "CheckpointRegistry"

_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,63}")
_MAX_BYTES = 1024 * 1024


class ArtifactError(IntegrityError):
    """A compiled contract is not the one that was reviewed and built."""

    code = "chain.artifact"


class UnknownArtifactError(NotFoundError):
    """The package carries no compiled contract of this name."""

    code = "chain.artifact.unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One compiled contract (合约构建产物).

    Attributes:
        name: Name of the contract.
        abi: Its ABI, as the compiler wrote it.
        bytecode: Creation code.
        runtime_code: Code that stands at the address after deployment (no immutables, no links).
        compiler: Full version of the compiler.
        input_digest: SHA-256 of the standard JSON input of its build, 64 hex digits.
        digest: SHA-256 of the artifact file, 64 hex digits.
    """

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    runtime_code: bytes
    compiler: str
    input_digest: str
    digest: str


@cache
def load(name: str = CHECKPOINT_REGISTRY, *, folder: Path = ABI_FOLDER) -> Artifact:
    """Read one artifact and check it against ``sources.json``.

    Args:
        name: Name of the contract.
        folder: Where the artifacts are.

    Raises:
        UnknownArtifactError: The package has no such contract.
        ArtifactError: The file is missing or is not the one that was built.
    """
    path = f"chain/abi/{name}.json"
    sources = _json(_read(folder / "sources.json"), path="chain/abi/sources.json")
    artifacts = sources.get("artifacts")
    expected = artifacts.get(path) if isinstance(artifacts, dict) else None
    if not _NAME.fullmatch(name) or not isinstance(expected, str):
        raise UnknownArtifactError(
            "{field}: no compiled contract is called {name}",
            field="name",
            name=repr(name[:40]),
            remedy="build the contracts: infra/scripts/contracts",
        )
    raw = _read(folder / f"{name}.json")
    found = hashlib.sha256(raw).hexdigest()
    if found != expected:
        raise ArtifactError(
            "{field}: has digest {found}, the build recorded {expected}",
            field=path,
            found=found,
            expected=expected,
            remedy="install the package again, or rebuild and review: infra/scripts/contracts",
        )
    content = _json(raw, path=path)
    return Artifact(
        name=name,
        abi=cast("list[dict[str, Any]]", content["abi"]),
        bytecode=bytes.fromhex(cast("str", content["bytecode"]).removeprefix("0x")),
        runtime_code=bytes.fromhex(cast("str", content["deployedBytecode"]).removeprefix("0x")),
        compiler=cast("str", sources["compiler"]),
        input_digest=_input_digest(sources, path),
        digest=found,
    )


def _input_digest(sources: dict[str, Any], path: str) -> str:
    for build in cast("dict[str, dict[str, Any]]", sources["builds"]).values():
        if path in build["artifacts"]:
            return cast("str", build["input"])
    raise ArtifactError(
        "{field}: cannot be read: {detail}",
        field="chain/abi/sources.json",
        detail=f"no build of {path}",
        remedy="install the package again",
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ArtifactError(
            "{field}: cannot be read: {detail}",
            field=path.name,
            detail=error.strerror or type(error).__name__,
            remedy="install the package again",
        ) from error
    if len(raw) > _MAX_BYTES:
        raise ArtifactError(
            "{field}: longer than {bound} bytes",
            field=path.name,
            bound=_MAX_BYTES,
            remedy="install the package again",
        )
    return raw


def _json(raw: bytes, *, path: str) -> dict[str, Any]:
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ArtifactError(
            "{field}: not JSON: {detail}",
            field=path,
            detail=str(error),
            remedy="install the package again",
        ) from error
    if not isinstance(content, dict):
        raise ArtifactError(
            "{field}: not a JSON object", field=path, remedy="install the package again"
        )
    return content
