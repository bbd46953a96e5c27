"""An organisation binds its addresses on the chain to its SM2 key: ``organisation-binding@1``."""

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import ClassVar, Final

from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import OrganisationId
from trace_node.record.errors import RecordError
from trace_node.record.fields import (
    read_bytes,
    read_integer,
    read_key_id,
    read_name,
    read_optional,
    read_text,
)
from trace_node.record.statement_fields import read_day, read_line
from trace_node.record.writing import write_bytes

ORGANISATION_BINDING: Final = "organisation-binding@1"
POINT_BYTES: Final = 65
MAX_ADDRESSES: Final = 64
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{40}")
_CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationBinding:
    """A binding (机构地址绑定), signed with the organisation's own key.

    It proves that the holder of the key claims the addresses. Whose key it is, the officer who
    enters the binding on the chain compares out of band.

    Attributes:
        organisation: Name of the organisation in the records of this node.
        legal_name: Its name in the registry of enterprises.
        credit_code: Unified social credit code (统一社会信用代码); None where it has none.
        key: Its SM2 key.
        chain_id: EVM chain id of the ledger.
        addresses: 20-byte addresses, rising, each once.
        valid_from: First day on which it counts.
    """

    TYPE: ClassVar[str] = ORGANISATION_BINDING
    KEYS: ClassVar[frozenset[str]] = frozenset(
        {
            *("addresses", "chain_id", "credit_code", "key", "key_id", "legal_name"),
            *("organisation", "valid_from"),
        }
    )

    organisation: OrganisationId
    legal_name: str
    credit_code: str | None
    key: PublicKey
    chain_id: int
    addresses: tuple[bytes, ...]
    valid_from: date

    @property
    def topic(self) -> str:
        """The organisation."""
        return self.organisation

    @classmethod
    def from_fields(cls, fields: JsonObject) -> "OrganisationBinding":
        """Read its members."""
        binding = cls(
            organisation=OrganisationId(read_name(fields, "organisation")),
            legal_name=read_line(fields, "legal_name", most=200),
            credit_code=read_optional(fields, "credit_code", _read_credit_code),
            key=PublicKey.from_point(read_bytes(fields, "key", size=POINT_BYTES)),
            chain_id=read_integer(fields, "chain_id", minimum=1),
            addresses=_read_addresses(fields),
            valid_from=read_day(fields, "valid_from"),
        )
        if read_key_id(fields, "key_id") != binding.key.key_id:
            raise RecordError(
                "{field}: is not the id of the key, which is {expected}",
                field="key_id",
                expected=binding.key.key_id,
                remedy="compute it from the 65 bytes of the point",
                code="record.key_id",
            )
        return binding

    def to_fields(self) -> JsonObject:
        """Write its members."""
        return {
            "addresses": ["0x" + address.hex() for address in self.addresses],
            "chain_id": self.chain_id,
            "credit_code": self.credit_code,
            "key": write_bytes(self.key.point),
            "key_id": self.key.key_id,
            "legal_name": self.legal_name,
            "organisation": self.organisation,
            "valid_from": self.valid_from.isoformat(),
        }


def _read_credit_code(fields: JsonObject, key: str) -> str:
    rule = "a unified social credit code: 18 digits and capital letters, no I, O, S, V, Z"
    return read_text(fields, key, _CREDIT_CODE, rule)


def _read_addresses(fields: JsonObject) -> tuple[bytes, ...]:
    items = fields["addresses"]
    if isinstance(items, list) and 1 <= len(items) <= MAX_ADDRESSES:
        texts = [item for item in items if isinstance(item, str) and _ADDRESS.fullmatch(item)]
        if len(texts) == len(items) and all(left < right for left, right in pairwise(texts)):
            return tuple(bytes.fromhex(text[2:]) for text in texts)
    raise RecordError(
        "{field}: must be 1 to {bound} addresses, 0x and 40 lower-case hex digits, rising",
        field="addresses",
        bound=MAX_ADDRESSES,
        remedy="sort them and name each once",
        code="record.addresses",
    )
