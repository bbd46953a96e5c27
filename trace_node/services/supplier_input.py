"""Figures of suppliers, out of the document that states them: a bundle or a PACT data set.

The document is verified first, then kept beside the log under its SM3, which the leaf states.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

import orjson

from trace_node.accounting.footprint.record import FootprintRecord
from trace_node.accounting.footprint.supplier import BUNDLE, SupplierFootprint
from trace_node.accounting.pact.event import EventType
from trace_node.accounting.pact.supply import told_by
from trace_node.canonical_json import JsonObject
from trace_node.crypto.sm3 import sm3
from trace_node.errors import InputError, NotFoundError
from trace_node.ids import to_base64url
from trace_node.ports.store import Store
from trace_node.services.footprint_forms import Form, supply_of
from trace_node.services.footprints import LoggedFootprint, supplied_document
from trace_node.services.pact_errors import RequestNotFoundError
from trace_node.services.verify_against import Against
from trace_node.services.verify_emission import verify_emission
from trace_node.tlog.verdict import Status

_TOLD: Final = frozenset({"document", "gwp_set", "primary_share", "ratings", "source", "value"})


class SupplierDocumentError(InputError):
    """A document of a supplier cannot be taken as input."""

    code: ClassVar[str] = "supplier.document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A bought batch, and the document its figures come from.

    Attributes:
        told: What is logged.
        document: The document; None where the supplier told nothing.
    """

    told: SupplierFootprint
    document: bytes | None


def supply_without_document(form: Form, *, organisation: str) -> Supply:
    """A bought batch of which the supplier told nothing: a gap.

    Raises:
        InputError: The form states figures: those come from a document alone.
    """
    _require_untold(form, _TOLD | {"u"})
    return Supply(told=supply_of(form, organisation=organisation), document=None)


def supply_of_bundle(form: Form, raw: bytes, *, against: Against, organisation: str) -> Supply:
    """A bought batch with the figures of a supplier's bundle, verified and computed again.

    Args:
        form: Batch, mass, data-item code and what else the buyer knows.
        raw: ``emission-proof@v1`` of a footprint.
        against: The supplier's trust root, which came by another way.
        organisation: Who bought it.

    Raises:
        SupplierDocumentError: It does not verify, has gaps before its gate, rests on drafts or
            provisional figures, or is of less than was bought.
        InputError: The form breaks a rule.
    """
    _require_untold(form, _TOLD | {"u"})
    record, gate, spread = _verified(raw, against)
    fields: JsonObject = {
        "product": record.product,
        "supplier": record.organisation,
        **form,
        "document": to_base64url(sm3(raw)),
        "gwp_set": record.gwp_set,
        "primary_share": "0" if record.primary_share is None else f"{record.primary_share:f}",
        "ratings": None if record.ratings is None else record.ratings.to_fields(),
        "source": BUNDLE,
        "u": f"{spread:f}",
        "value": f"{gate:f}",
    }
    told = supply_of(fields, organisation=organisation)
    if told.mass > record.mass or told.product != record.product:
        raise _refusal(
            "is of {mass} t of {product}, not of {bought} t of {named}",
            mass=f"{record.mass:f}",
            product=record.product,
            bought=f"{told.mass:f}",
            named=told.product,
            remedy="name the batch that was bought, and ask for its bundle",
            code="supplier.document.batch",
        )
    return Supply(told=told, document=raw)


def _verified(raw: bytes, against: Against) -> tuple[FootprintRecord, Decimal, Decimal]:
    """The footprint of a bundle with its figure and uncertainty, where nothing of it is weak."""
    report = verify_emission(raw, against=against)
    logged = report.recomputed
    if report.verdict.signed is not Status.PASSED or not isinstance(logged, LoggedFootprint):
        failed = [each for each in report.verdict.checks if each.status is Status.FAILED]
        raise _refusal(
            "does not verify: {check}",
            check=failed[0].kind.name if failed else "it is no footprint",
            remedy="run trace-node verify --recompute on it, and ask the supplier for another",
            code="supplier.document.verify",
        )
    record = logged.record
    if not record.complete or record.gate is None or record.u is None or record.flags:
        raise _refusal(
            "the footprint of {batch} has {gaps} gaps and {flags} weak figures",
            batch=record.batch,
            gaps=record.gaps,
            flags=len(record.flags),
            remedy="ask the supplier for one that is complete; until then log the batch as a gap",
            code="supplier.document.gaps",
        )
    return record, record.gate, record.u


def supply_of_pact(
    form: Form, document: Mapping[str, Any], *, on: datetime, organisation: str
) -> Supply:
    """A bought batch with the figures of a PACT data set.

    Args:
        form: Batch, product, mass, ``u`` (PACT has none) and what else the buyer knows.
        document: The ProductFootprint.
        on: When it was bought.
        organisation: Who bought it.

    Raises:
        FootprintDocumentError: It cannot be used; the member is named.
        InputError: The form breaks a rule.
    """
    _require_untold(form, _TOLD)
    raw = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    fields: JsonObject = {
        "supplier": str(document["companyName"])[:120],
        **form,
        **told_by(document, on=on),
        "document": to_base64url(sm3(raw)),
    }
    return Supply(told=supply_of(fields, organisation=organisation), document=raw)


def received_footprint(store: Store, number: int, footprint: str | None) -> Mapping[str, Any]:
    """The footprint of an answer that a partner sent.

    Args:
        store: The database.
        number: Number of the event, as ``trace-node pact requests`` shows it.
        footprint: Its id; None where the answer has one alone.

    Raises:
        RequestNotFoundError: There is no such answer.
        NotFoundError: It has no such footprint, or several and none is named.
    """
    with store.view() as view:
        found = view.pact_events.received(number)
    if found is None or found.event.type is not EventType.REQUEST_FULFILLED:
        raise RequestNotFoundError(
            "{field}: {number} is no answer with footprints",
            field="--pact",
            number=number,
            remedy="trace-node pact requests lists what came",
        )
    sent: Sequence[Mapping[str, Any]] = found.event.data["pfs"]
    chosen = [each for each in sent if footprint in {None, each["id"]}]
    if len(chosen) != 1:
        raise NotFoundError(
            "{field}: the answer has {count} footprints that fit",
            field="--id",
            count=len(chosen),
            remedy="name one of them: {ids}",
            ids=", ".join(str(each["id"]) for each in sent[:5]),
            code="supplier.document.none",
        )
    return chosen[0]


def keep(store: Store, supply: Supply) -> None:
    """Keep the document of a supply beside the log, before its leaf is logged."""
    if supply.document is not None:
        with store.unit_of_work() as work:
            work.footprints.keep_document(sm3(supply.document), supply.document)


def document_of(store: Store, index: int) -> bytes:
    """The document behind what a supplier told at a leaf, as it was taken in.

    Raises:
        NotFoundError: There is none.
        FootprintAlteredError: It is not what the leaf states.
    """
    with store.view() as view:
        found = supplied_document(view, index)
    if found is None:
        raise NotFoundError(
            "leaf {index} leads to no document that is kept here",
            field="index",
            index=index,
            remedy="name the leaf that trace-node batch supply printed",
            code="supplier.document.none",
        )
    return found


def _require_untold(form: Form, told: frozenset[str]) -> None:
    stated = sorted(told & form.keys())
    if stated == ["source"] and form["source"] == "none":
        return
    if stated:
        raise _refusal(
            "{member} comes from the supplier's document, never from a form",
            member=stated[0],
            remedy="leave it out; hand in the document with --bundle or --pact",
            code="supplier.document.typed",
        )


def _refusal(why: str, *, remedy: str, code: str, **params: object) -> SupplierDocumentError:
    return SupplierDocumentError(
        "{field}: " + why, field="document", remedy=remedy, code=code, **params
    )
