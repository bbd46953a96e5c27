"""Which key is revoked, and since when."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from api.home import Home
from api.running import read_running
from api.settings import Settings
from api.wiring import registrations
from trace_node.canonical_json import JsonObject, decode_object
from trace_node.crypto.curve import POINT_SIZE
from trace_node.crypto.sm2 import PublicKey
from trace_node.errors import InputError
from trace_node.ids import KeyId, from_base64url
from trace_node.metering.records.key_revocation import KEY_REVOCATION
from trace_node.record.fields import KEY_ID_PATTERN

_POINT_DIGITS = 87


def revoked_key_id(home: Home, which: str) -> KeyId:
    """The id of a collector's key: told, computed from its point, or found by who holds it.

    Raises:
        InputError: No key, several, or a point that is none.
    """
    if KEY_ID_PATTERN.fullmatch(which):
        return KeyId(which)
    if len(which) == _POINT_DIGITS:
        return PublicKey.from_point(from_base64url(which, size=POINT_SIZE, field="KEY")).key_id
    found = {
        str(record["key_id"])
        for record in map(_record, registrations.files(home))
        if record.get("usage") == "collector" and record.get("subject") == which
    }
    if len(found) == 1:
        return KeyId(found.pop())
    raise InputError(
        "{field}: {count} keys of collectors are registered here for {which}",
        field="KEY",
        count=len(found),
        which=which[:_POINT_DIGITS],
        remedy="name one key by its id, as trace-node keys show prints it",
        code="input.which_key",
    )


def require_revocable(settings: Settings, home: Home, key_id: KeyId) -> None:
    """Require a key to be a collector's; a node that runs is asked instead.

    A node that is down would not start with the revocation of a key that it does not know.

    Raises:
        InputError: It is none; code ``enrol.unknown_key``.
    """
    if read_running(home) is None and key_id not in _standing(settings, home)[0]:
        raise InputError(
            "{field}: {key} is not enrolled as the key of a collector",
            field="KEY",
            key=key_id,
            remedy="name the key as trace-node keys show prints it",
            code="enrol.unknown_key",
        )


def require_enrollable(settings: Settings, home: Home, key_id: KeyId) -> None:
    """Require a collector's key not to be revoked; a node that runs is asked instead.

    Raises:
        InputError: It is; code ``enrol.revoked``.
    """
    if read_running(home) is None and key_id in _standing(settings, home)[1]:
        raise InputError(
            "{field}: the key {key} was revoked, and is never enrolled again",
            field="key_id",
            key=key_id,
            remedy="make a new key: trace-node keys generate FILE, and enrol that",
            code="enrol.revoked",
        )


def _standing(settings: Settings, home: Home) -> tuple[set[str], set[str]]:
    """Ids of the keys of collectors, and of those revoked: in the log, or kept to be logged."""
    from api.wiring.intake import identity_of
    from trace_node.store.errors import StoreMissingError
    from trace_node.store.sql_store import open_store

    kept = [_record(path) for path in registrations.files(home)]
    collectors = {str(each["key_id"]) for each in kept if each.get("usage") == "collector"}
    revoked = {str(each["key_id"]) for each in kept if each.get("type") == KEY_REVOCATION}
    try:
        with (
            closing(open_store(settings.database, identity=identity_of(settings))) as store,
            store.view() as view,
        ):
            enrolled = view.enrolments.keys()
            collectors |= {each.key_id for each in enrolled if each.usage == "collector"}
            revoked |= {each.key_id for each in view.enrolments.revocations()}
    except StoreMissingError:
        pass  # never started: what is kept is all there is
    return collectors, revoked


def told_key_id(text: str, *, option: str) -> KeyId:
    """The id of a key as an option tells it.

    Raises:
        InputError: It is none.
    """
    if KEY_ID_PATTERN.fullmatch(text):
        return KeyId(text)
    raise InputError(
        "{field}: not the id of a key: 32 lower-case hex digits",
        field=option,
        remedy="copy it from trace-node keys show",
        code="input.key_id",
    )


def since_when(text: str | None, *, now: datetime) -> datetime:
    """Since when a key is not to be trusted: what was told, or now.

    Raises:
        InputError: No instant with a time zone, or one in the future.
    """
    if text is None:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at > now:
        raise InputError(
            "{field}: must be a time that has passed, with its time zone",
            field="--since",
            remedy="write it as 2026-11-21T03:10:00+08:00",
            code="input.since",
        )
    at = at.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _record(path: Path) -> JsonObject:
    return decode_object(path.read_bytes())
