"""Whose boundary it is, and what it controls: steps a and b of standard 002 9.3."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from trace_node.accounting.boundary.words import LONG, SHORT, read_id, read_texts
from trace_node.canonical_json import JsonObject
from trace_node.record.fields import read_bytes, read_choice, read_name, read_object, require_keys
from trace_node.record.statement_fields import read_flag, read_items, read_line
from trace_node.record.writing import write_bytes

_MAX_CONTACTS: Final = 16
_MAX_PROOFS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person to turn to (联系人).

    Attributes:
        name: The person.
        role: What for.
        reach: Telephone or address.
    """

    name: str
    role: str
    reach: str

    @classmethod
    def read(cls, fields: JsonObject) -> "Contact":
        """Read its members."""
        return cls(**read_texts(fields, "name", "role", "reach", most=SHORT))

    def write(self) -> JsonObject:
        """Write its members."""
        return {"name": self.name, "reach": self.reach, "role": self.role}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An attached document (证明材料), by its digest.

    Attributes:
        title: What it is.
        digest: 32-byte SM3 of the file.
    """

    title: str
    digest: bytes

    @classmethod
    def read(cls, fields: JsonObject) -> "Proof":
        """Read its members."""
        require_keys(fields, frozenset({"digest", "title"}))
        return cls(title=read_line(fields, "title", most=LONG), digest=read_bytes(fields, "digest"))

    def write(self) -> JsonObject:
        """Write its members."""
        return {"digest": write_bytes(self.digest), "title": self.title}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """The legal entity, or the accounting unit treated as one (报告主体): step a.

    Attributes:
        name: Registered name.
        credit_code: Unified social credit code (统一社会信用代码), or the number of its register.
        address: Registered address.
        representative: Legal representative (法定代表人).
        contacts: Persons to turn to.
        proofs: Licence and other documents.
    """

    name: str
    credit_code: str
    address: str
    representative: str
    contacts: tuple[Contact, ...]
    proofs: tuple[Proof, ...]

    @classmethod
    def read(cls, fields: JsonObject, key: str = "entity") -> "Entity":
        """Read its members."""
        inner = read_object(fields, key)
        texts = ("name", "address", "representative")
        require_keys(inner, frozenset({*texts, "credit_code", "contacts", "proofs"}))
        return cls(
            **{text: read_line(inner, text, most=LONG) for text in texts},
            credit_code=read_name(inner, "credit_code"),
            contacts=read_items(inner, "contacts", Contact.read, most=_MAX_CONTACTS),
            proofs=read_items(inner, "proofs", Proof.read, most=_MAX_PROOFS),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "address": self.address,
            "contacts": [each.write() for each in self.contacts],
            "credit_code": self.credit_code,
            "name": self.name,
            "proofs": [each.write() for each in self.proofs],
            "representative": self.representative,
        }


class PlaceKind(StrEnum):
    """What a place is.

    Attributes:
        SITE: A site of the entity itself.
        CONTRACTOR: Where a contractor works for it.
        LEASED: A leased unit, either way.
    """

    SITE = "site"
    CONTRACTOR = "contractor"
    LEASED = "leased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A site, contractor or leased unit, and whether the entity controls what happens there.

    Attributes:
        id: Its name in the boundary.
        kind: What it is.
        title: What people call it.
        controlled: Whether it is under operational control (运营控制).
        reason: On what that rests.
    """

    id: str
    kind: PlaceKind
    title: str
    controlled: bool
    reason: str

    @classmethod
    def read(cls, fields: JsonObject) -> "Place":
        """Read its members."""
        require_keys(fields, frozenset({"controlled", "id", "kind", "reason", "title"}))
        return cls(
            id=read_id(fields, "id"),
            kind=PlaceKind(read_choice(fields, "kind", frozenset(PlaceKind))),
            title=read_line(fields, "title", most=LONG),
            controlled=read_flag(fields, "controlled"),
            reason=read_line(fields, "reason"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {
            "controlled": self.controlled,
            "id": self.id,
            "kind": self.kind.value,
            "reason": self.reason,
            "title": self.title,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """An accounting unit (核算单元): step b.

    Attributes:
        id: Its name in the boundary.
        title: What people call it.
        place: Where it is.
    """

    id: str
    title: str
    place: str

    @classmethod
    def read(cls, fields: JsonObject) -> "Unit":
        """Read its members."""
        require_keys(fields, frozenset({"id", "place", "title"}))
        return cls(
            id=read_id(fields, "id"),
            title=read_line(fields, "title", most=LONG),
            place=read_id(fields, "place"),
        )

    def write(self) -> JsonObject:
        """Write its members."""
        return {"id": self.id, "place": self.place, "title": self.title}
