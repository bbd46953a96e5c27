"""A signer's SM2 keys over time: one current key, the previous ones, and when each signs.

A key set is a small public file beside the key files it names, ``key-set@1``. Rotation writes the
new key file first and then replaces the set, so that a crash leaves the old set and at most one key
file that nothing names. Previous key files may be destroyed: their public halves stay in the set.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from trace_node import canonical_json
from trace_node.canonical_json import JsonObject, JsonValue
from trace_node.crypto import keys, secret_file
from trace_node.crypto.errors import KeyFileError, KeySetError
from trace_node.crypto.sm2 import PrivateKey, PublicKey
from trace_node.errors import InputError, NotFoundError
from trace_node.ids import KeyId, from_base64url, to_base64url

TYPE = "key-set@1"
MAX_KEYS = 64

_MEMBERS = {"file", "point", "valid_from", "valid_to"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """One key of a set (密钥).

    Args:
        public: The public key.
        file: Name of its key file, in the folder of the set.
        valid_from: When it begins to sign; aware, whole milliseconds.
        valid_to: When it ceases to, exclusive; ``None`` for the current key.
    """

    public: PublicKey
    file: str
    valid_from: datetime
    valid_to: datetime | None

    def signs_at(self, instant: datetime) -> bool:
        """Whether the key signs at ``instant``."""
        return self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """The keys of one signer (密钥组), oldest first, without gaps between their times.

    Raises:
        KeySetError: No key, too many, a key twice, a gap or overlap, or not exactly the last open.
    """

    entries: tuple[KeyEntry, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.entries) <= MAX_KEYS:
            raise _invalid("{field}: must be 1 to {bound} keys", "keys")
        if len({entry.public for entry in self.entries}) != len(self.entries):
            raise _invalid("{field}: the same key stands twice", "keys")
        following = [entry.valid_from for entry in self.entries[1:]]
        if [entry.valid_to for entry in self.entries] != [*following, None]:
            raise _invalid(
                "{field}: must be where the next key begins, and null for the last", "valid_to"
            )
        starts = [entry.valid_from for entry in self.entries]
        if starts != sorted(set(starts)):
            raise _invalid("{field}: must rise from key to key", "valid_from")

    @property
    def current(self) -> KeyEntry:
        """The newest key, which has no end; its beginning may lie ahead."""
        return self.entries[-1]

    def at(self, instant: datetime) -> KeyEntry:
        """Return the key that signs at ``instant``.

        Raises:
            NotFoundError: The set begins later.
        """
        for entry in self.entries:
            if entry.signs_at(instant):
                return entry
        raise NotFoundError(
            "no key of this set signs at {instant}",
            field="instant",
            instant=_write_time(instant),
            code="not_found.key",
        )

    def by_id(self, key_id: KeyId) -> KeyEntry:
        """Return the key with this id.

        Raises:
            NotFoundError: The set has no such key.
        """
        for entry in self.entries:
            if entry.public.key_id == key_id:
                return entry
        raise NotFoundError(
            "this set has no key {key_id}", field="key_id", key_id=key_id, code="not_found.key"
        )


def create(path: Path, *, key: PrivateKey, passphrase: str, valid_from: datetime) -> KeySet:
    """Write a first key file and a new set that names it.

    Raises:
        KeyFileError: One of the two files exists.
        KeySetError: ``valid_from`` carries no time zone.
        InputError: See ``keys.save``.
    """
    file = _file_name(key.public)
    begin = _to_milliseconds(valid_from)
    key_set = KeySet(
        entries=(KeyEntry(public=key.public, file=file, valid_from=begin, valid_to=None),)
    )
    if path.exists():  # asked before the key file is written, which nothing would name
        raise KeyFileError(
            "{path}: exists already; rotate the key instead",
            field="path",
            path=path,
            code="config.key_file.exists",
        )
    keys.save(path.with_name(file), key, passphrase)
    secret_file.create(path, _encode(key_set))
    return key_set


def rotate(path: Path, *, key: PrivateKey, passphrase: str, at: datetime) -> KeySet:
    """Let ``key`` sign from ``at`` on and the current key only before it.

    Args:
        path: The set.
        key: The new key; it is saved beside the set.
        passphrase: For the new key file.
        at: The instant of change, after the current key's beginning.

    Raises:
        KeySetError: ``at`` is not after the current key's beginning or carries no time zone, or the
            key is in the set.
        KeyFileError: The set cannot be read.
        InputError: See ``keys.save``.
    """
    old, at = load(path), _to_milliseconds(at)
    file = _file_name(key.public)
    closed = replace(old.current, valid_to=at)
    opened = KeyEntry(public=key.public, file=file, valid_from=at, valid_to=None)
    key_set = KeySet(entries=(*old.entries[:-1], closed, opened))
    keys.save(path.with_name(file), key, passphrase)
    secret_file.replace(path, _encode(key_set))
    return key_set


def load(path: Path) -> KeySet:
    """Read a set. The key files it names are not touched.

    Raises:
        KeyFileError: Missing, or open to others.
        KeySetError: Not a key set of this version.
    """
    raw = secret_file.read(path)
    try:
        return _decode(canonical_json.decode_object(raw, max_bytes=secret_file.MAX_SIZE))
    except InputError as error:
        raise KeySetError(
            "{path}: not a key set: {detail}", field="path", path=path, detail=error.message
        ) from error


def load_signing_key(path: Path, passphrase: str, *, at: datetime) -> PrivateKey:
    """Read the private key that, by the set at ``path``, signs at an instant.

    Raises:
        KeyFileError: See ``load`` and ``keys.load``; or the file holds another key.
        KeySetError: See ``load``.
        NotFoundError: The set begins after ``at``.
    """
    entry = load(path).at(at)
    file = path.with_name(entry.file)
    key = keys.load(file, passphrase)
    if key.public != entry.public:
        raise KeyFileError(
            "{path}: holds the key {found}, the key set names {expected}",
            field="path",
            path=file,
            found=key.public.key_id,
            expected=entry.public.key_id,
            code="config.key_file.other_key",
        )
    return key


def _encode(key_set: KeySet) -> bytes:
    listed: list[JsonValue] = [
        {
            "file": entry.file,
            "point": to_base64url(entry.public.point),
            "valid_from": _write_time(entry.valid_from),
            "valid_to": None if entry.valid_to is None else _write_time(entry.valid_to),
        }
        for entry in key_set.entries
    ]
    return canonical_json.encode({"keys": listed, "type": TYPE})


def _decode(fields: JsonObject) -> KeySet:
    if fields.get("type") != TYPE or set(fields) != {"keys", "type"}:
        raise _invalid("{field}: must be key-set@1, with keys and nothing else", "type")
    listed = fields["keys"]
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise _invalid("{field}: must be a list of at most {bound}", "keys")
    return KeySet(entries=tuple(_decode_entry(item) for item in listed))


def _decode_entry(item: JsonValue) -> KeyEntry:
    if not isinstance(item, dict) or set(item) != _MEMBERS:
        raise _invalid("{field}: each must have file, point, valid_from and valid_to", "keys")
    point, end = item["point"], item["valid_to"]
    if not isinstance(point, str):
        raise _invalid("{field}: must be a string", "point")
    public = PublicKey.from_point(from_base64url(point, size=65, field="point"))
    if item["file"] != _file_name(public):
        raise _invalid("{field}: must be the key id and .pem", "file")
    return KeyEntry(
        public=public,
        file=_file_name(public),
        valid_from=_read_time(item["valid_from"], field="valid_from"),
        valid_to=None if end is None else _read_time(end, field="valid_to"),
    )


def _file_name(public: PublicKey) -> str:
    return f"{public.key_id}.pem"


def _to_milliseconds(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise _invalid("{field}: must carry a time zone", "instant")
    return instant.astimezone(UTC).replace(microsecond=instant.microsecond // 1000 * 1000)


def _write_time(instant: datetime) -> str:
    utc = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return utc.removesuffix("+00:00") + "Z"


def _read_time(text: JsonValue, *, field: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or _write_time(instant) != text:
        raise _invalid("{field}: must be like 2026-11-21T03:10:00.123Z", field)
    return instant


def _invalid(template: str, field: str) -> KeySetError:
    return KeySetError(template, field=field, bound=MAX_KEYS)
