"""Make the evidence package of a month: readings, records, vouchers and figures in one file."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from trace_node import canonical_json
from trace_node.accounting.activity.entry import ACTIVITY_ENTRY
from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.laboratory.record import LABORATORY_RECORD
from trace_node.accounting.records.accuracy import ACCURACY
from trace_node.accounting.records.clean_energy import CLEAN_ENERGY
from trace_node.accounting.records.signer_trust import SIGNER_TRUST
from trace_node.accounting.records.uncertainty import UNCERTAINTY, Uncertainty
from trace_node.canonical_json import JsonObject
from trace_node.crypto.signer import Signer
from trace_node.crypto.sm3 import sm3
from trace_node.errors import TraceNodeError
from trace_node.ids import to_base64url
from trace_node.ports.store import UnitOfWork
from trace_node.services.evidence_package_form import (
    MANIFEST,
    SIGNATURE,
    STATEMENTS,
    TABLES,
    Manifest,
    PackedFile,
)
from trace_node.services.evidence_package_signature import sign_manifest
from trace_node.services.evidence_package_vouchers import (
    ChosenVouchers,
    Entered,
    Voucher,
    choose_vouchers,
    evidence_of,
)
from trace_node.services.inventory import InventoryRequest, Span, inventory_of
from trace_node.services.prove import Vouched
from trace_node.services.prove_emission import Figures
from trace_node.services.prove_period import PeriodRequest, prove_period
from trace_node.services.prove_statements import prove_statements
from trace_node.services.report_zip import steady_archive
from trace_node.services.statement_leaves import Leaf, leaves
from trace_node.services.tables import tables_of
from trace_node.services.workbook_tables import write_tables_xlsx

_NO_READINGS = frozenset({"prove.no_reading", "prove.unknown_device"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRequest:
    """Which package.

    Attributes:
        organisation: Whose evidence.
        boundary: Name of the boundary.
        period: The span, as ``Span.parse`` reads it.
        vouchers: Documents at hand; those that no record names stay out.
    """

    organisation: str
    boundary: str
    period: str
    vouchers: Sequence[Voucher] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePackage:
    """A package that was made.

    Attributes:
        body: The file, a zip archive.
        manifest: What it holds and lacks.
        unused: Names of vouchers that no record of the span names.
    """

    body: bytes
    manifest: Manifest
    unused: tuple[str, ...]


@dataclass(slots=True)
class _Packing:
    """Files on their way into the archive."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, body: bytes, title: str) -> None:
        """Add a file."""
        self.bodies[name], self.titles[name] = body, title

    def listed(self) -> tuple[PackedFile, ...]:
        """The files, by name."""
        return tuple(
            PackedFile(name=name, title=self.titles[name], size=len(body), sm3=sm3(body))
            for name, body in sorted(self.bodies.items())
        )


def make_package(
    request: PackageRequest, *, figures: Figures, signer: Signer, vouched: Vouched | None = None
) -> EvidencePackage:
    """Put together what stands behind the figures of a span; each bundle is one for ``verify``.

    What is lacking is told and not filled up: silent meters, periods without a figure, documents
    that records name and nobody handed in.

    Args:
        request: Which package.
        figures: The log and its libraries.
        signer: Key of the node, which signs what the package says it holds and lacks.
        vouched: See ``prove.evidence_for``.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        RecomputeError: A figure does not follow from its leaves.
        StateError: No checkpoint covers the records yet.
        TooLargeError: A bundle would be over its bound; choose a shorter span.
        InputError: The span has no meaning.
    """
    span = Span.parse(request.period)
    asked = InventoryRequest(
        organisation=request.organisation, boundary=request.boundary, span=span
    )
    inventory = inventory_of(asked, store=figures.store)
    packing = _Packing()
    for part in inventory.parts:
        body = figures.prove(part.index, vouched=vouched)
        packing.add(f"emissions/leaf-{part.index}.tnproof", body, f"{part.unit} {part.period}")
    with figures.store.view() as view:
        boundaries = list(_boundaries(view, request))
        used = {at for each in inventory.parts for at in figures.emission(each.index).leaves}
        records = [*_records(view, request, span, used), *_errors(view, request, span)]
        trusts = _trusts(view, records)
    silent = _pack_readings(packing, boundaries, span, figures, vouched)
    named = sorted(each.logged.index for each in (*boundaries, *records, *trusts))
    packing.add(
        STATEMENTS,
        prove_statements(named, store=figures.store, vouched=vouched),
        "boundaries, entries, laboratory records, clean energy and errors",
    )
    chosen = _pack_vouchers(packing, [*boundaries, *records], request.vouchers)
    packing.add(TABLES, _tables(inventory, records), "the same as tables")
    manifest = Manifest(
        organisation=request.organisation,
        boundary=request.boundary,
        period=request.period,
        origin=figures.store.identity.origin,
        files=packing.listed(),
        missing=chosen.missing,
        silent=silent,
        gaps=tuple(
            (each.unit, each.method, each.begin.isoformat(), each.end.isoformat())
            for each in inventory.gaps
        ),
    )
    body = _archive(packing, manifest, signer)
    return EvidencePackage(body=body, manifest=manifest, unused=chosen.unused)


def _archive(packing: _Packing, manifest: Manifest, signer: Signer) -> bytes:
    stated = canonical_json.encode(manifest.to_json())
    signature = sign_manifest(stated, origin=manifest.origin, signer=signer)
    return steady_archive({**packing.bodies, MANIFEST: stated, SIGNATURE: signature})


def _pack_vouchers(
    packing: _Packing, records: Sequence[Leaf], vouchers: Sequence[Voucher]
) -> ChosenVouchers:
    named = evidence_of((each.logged.index, each.content) for each in records)
    chosen = choose_vouchers(named, vouchers)
    for name, voucher in chosen.files.items():
        packing.add(name, voucher.body, voucher.name)
    return chosen


def _boundaries(view: UnitOfWork, request: PackageRequest) -> Iterator[Leaf]:
    """Every version of the boundary: an earlier one may be that of an earlier figure."""
    return leaves(view, BOUNDARY, topic=f"{request.organisation} {request.boundary}")


def _records(
    view: UnitOfWork, request: PackageRequest, span: Span, used: Collection[int]
) -> Iterator[Leaf]:
    """What people entered for a period that overlaps the span, corrected entries among it.

    And what its figures used of other periods, such as the last valid value of a laboratory.
    """
    for kind in (ACTIVITY_ENTRY, LABORATORY_RECORD, CLEAN_ENERGY):
        for leaf in leaves(view, kind):
            content = leaf.content
            assert isinstance(content, Entered)  # noqa: S101 (by kind)
            overlaps = content.period.start < span.end and span.begin < content.period.end
            is_behind = overlaps or leaf.logged.index in used
            if content.organisation == request.organisation and is_behind:
                yield leaf


def _errors(view: UnitOfWork, request: PackageRequest, span: Span) -> Iterator[Leaf]:
    """The uncertainties of figures of the span, and the statements on errors they rest on."""
    named: set[int] = set()
    for leaf in leaves(view, UNCERTAINTY):
        content = leaf.content
        assert isinstance(content, Uncertainty)  # noqa: S101 (by kind)
        whose = (content.organisation, content.boundary)
        overlaps = content.period.start < span.end and span.begin < content.period.end
        if whose == (request.organisation, request.boundary) and overlaps:
            named.update(content.leaves)
            yield leaf
    yield from (leaf for leaf in leaves(view, ACCURACY) if leaf.logged.index in named)


def _trusts(view: UnitOfWork, records: Sequence[Leaf]) -> list[Leaf]:
    """By which leaf an outside laboratory's signature counts."""
    signers = {each.signed_by for each in records}
    return [leaf for leaf in leaves(view, SIGNER_TRUST) if leaf.logged.topic.split()[-1] in signers]


def _pack_readings(
    packing: _Packing,
    boundaries: Sequence[Leaf],
    span: Span,
    figures: Figures,
    vouched: Vouched | None,
) -> tuple[str, ...]:
    """A period bundle for each meter of the boundary; the meters without a reading."""
    contents = [each.content for each in boundaries]
    devices = {
        meter.device for each in contents if isinstance(each, Boundary) for meter in each.meters
    }
    silent: list[str] = []
    for device in sorted(devices):
        request = PeriodRequest(begin=span.begin, end=span.end, devices=(device,))
        try:
            body = prove_period(request, reader=figures.store.reader(), vouched=vouched)
        except TraceNodeError as error:
            if error.reason not in _NO_READINGS:
                raise
            silent.append(device)
        else:
            packing.add(f"readings/{device}.tnproof", body, f"readings of {device}")
    return tuple(silent)


def _tables(inventory: Inventory, records: Sequence[Leaf]) -> bytes:
    """Figures and records as a workbook, for people."""
    tables: JsonObject = {
        "figures": [
            {
                "leaf": part.index,
                "unit": part.unit,
                "method": part.method,
                "period": part.period,
                "standing": part.standing.value,
                "purpose": one.purpose.value,
                "value": f"{one.value:f}",
                "unit_of_value": one.unit_of,
                "gwp_set": one.gwp_set,
            }
            for part in inventory.parts
            for one in part.figures
        ],
        "records": [
            {
                "leaf": each.logged.index,
                "type": each.logged.kind,
                "sm3": to_base64url(each.logged.digest),
                **each.content.to_fields(),
            }
            for each in records
        ],
    }
    return write_tables_xlsx(tables_of(tables))
