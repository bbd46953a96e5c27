"""A key outside the nodes that may sign for accounting: ``signer-trust@1``."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm2 import PublicKey
from trace_node.record.errors import RecordError
from trace_node.record.fields import read_bytes, read_choice, read_key_id
from trace_node.record.statement_fields import read_flag, read_line
from trace_node.record.writing import write_bytes

SIGNER_TRUST: Final = "signer-trust@1"
POINT_BYTES: Final = 65
MAX_NAME: Final = 120


class SignerRole(StrEnum):
    """As what a key is trusted.

    Attributes:
        LABORATORY: Of a laboratory, for reports under its own name (检测机构).
        PUBLISHER: Of who publishes methods and factors (方法发布方).
    """

    LABORATORY = "laboratory"
    PUBLISHER = "publisher"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerTrust:
    """Whose key is trusted as what (签名方信任): stated by an authority, taken back by a later one.

    Attributes:
        role: As what.
        name: Who holds the private key; of a laboratory the name on its reports.
        key: The SM2 public key.
        trusted: False takes the trust back; what was logged before stays.
        reason: Why, in a sentence.
    """

    TYPE: ClassVar[str] = SIGNER_TRUST
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {"key", "key_id", "name", "reason", "role", "trusted"}
    )

    role: SignerRole
    name: str
    key: PublicKey
    trusted: bool
    reason: str

    @property
    def topic(self) -> str:
        """Role and key."""
        return trust_topic(self.role, self.key.key_id)

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "SignerTrust":
        """Read its members."""
        trust = cls(
            role=SignerRole(read_choice(fields, "role", frozenset(SignerRole))),
            name=read_line(fields, "name", most=MAX_NAME),
            key=PublicKey.from_point(read_bytes(fields, "key", size=POINT_BYTES)),
            trusted=read_flag(fields, "trusted"),
            reason=read_line(fields, "reason"),
        )
        if read_key_id(fields, "key_id") != trust.key.key_id:
            raise RecordError(
                "{field}: is not the id of the key, which is {expected}",
                field="key_id",
                expected=trust.key.key_id,
                remedy="compute it from the 65 bytes of the point",
                code="record.key_id",
            )
        return trust

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "key": write_bytes(self.key.point),
            "key_id": self.key.key_id,
            "name": self.name,
            "reason": self.reason,
            "role": self.role.value,
            "trusted": self.trusted,
        }


def trust_topic(role: SignerRole, key_id: str) -> str:
    """By which the trust in a key is looked up."""
    return f"{role.value} {key_id}"
