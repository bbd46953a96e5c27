"""The documents of an evidence package: which signed records name them, and which are lacking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trace_node.accounting.activity.entry import ActivityEntry
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.records.accuracy import Accuracy
from trace_node.accounting.records.clean_energy import CleanEnergyEntry
from trace_node.crypto.sm3 import sm3
from trace_node.services.evidence_package_form import VOUCHERS, MissingVoucher

_ENDINGS: Final = frozenset(
    {"pdf", "png", "jpg", "jpeg", "xlsx", "docx", "csv", "xml", "ofd", "txt"}
)

Entered = ActivityEntry | LaboratoryRecord | CleanEnergyEntry
"""What people enter from documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A document as it is kept.

    Attributes:
        name: Name of its file.
        body: Its bytes.
    """

    name: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenVouchers:
    """Documents that go into a package.

    Attributes:
        files: Each by the name of its file in the archive.
        missing: Documents that are named and not at hand.
        unused: Names of those at hand that no record names.
    """

    files: Mapping[str, Voucher]
    missing: tuple[MissingVoucher, ...]
    unused: tuple[str, ...]


def choose_vouchers(
    named: Mapping[bytes, tuple[int, ...]], at_hand: Sequence[Voucher]
) -> ChosenVouchers:
    """Which documents go in: those that records name, by their SM3.

    Args:
        named: Of each document that is named the leaves that name it.
        at_hand: Documents at hand.
    """
    files: dict[str, Voucher] = {}
    unused: list[str] = []
    found: set[bytes] = set()
    for voucher in at_hand:
        digest = sm3(voucher.body)
        if digest in named:
            found.add(digest)
            files[f"{VOUCHERS}{digest.hex()}{_ending(voucher.name)}"] = voucher
        else:
            unused.append(voucher.name)
    missing = tuple(
        MissingVoucher(evidence=digest, leaves=named[digest])
        for digest in sorted(named.keys() - found)
    )
    return ChosenVouchers(files=files, missing=missing, unused=tuple(unused))


def evidence_of(records: Iterable[tuple[int, object]]) -> Mapping[bytes, tuple[int, ...]]:
    """The documents that records name, each by its SM3, with the leaves that name it."""
    named: dict[bytes, tuple[int, ...]] = {}
    for index, content in records:
        if isinstance(content, Entered | Accuracy):
            digests = {content.evidence}
        elif isinstance(content, Boundary):
            digests = {proof.digest for proof in content.entity.proofs}
        else:
            continue
        for digest in digests:
            named[digest] = (*named.get(digest, ()), index)
    return named


def _ending(name: str) -> str:
    """The ending of a file that programs open it by; only of kinds that documents have."""
    ending = name.rpartition(".")[2].lower()
    return f".{ending}" if ending in _ENDINGS else ""
