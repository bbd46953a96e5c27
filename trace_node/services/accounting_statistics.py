"""Statistics of accounting (核算统计): KSSJ/YY19-2023 8.3.1.

Boundary configuration, methodology, inventory reports, clean energy and sinks, product footprints:
each is counted from the leaves of the log when it is asked for, so that there is nothing to keep up
by hand and nothing that could differ from the records.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from trace_node.accounting.arithmetic import precise, total
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.footprint.record import FOOTPRINT, FootprintRecord
from trace_node.accounting.inventory.inventory import Inventory
from trace_node.accounting.methods.words import Role
from trace_node.accounting.records.report import REPORT, ReportMade
from trace_node.accounting.report_kind import ReportKind
from trace_node.accounting.standing import Standing
from trace_node.canonical_json import JsonObject, decode_object
from trace_node.ports.store import Store, UnitOfWork
from trace_node.services.clean_energy_records import CleanStatistic
from trace_node.services.inventory import InventoryRequest, boundary_versions
from trace_node.services.inventory_view import InventoryView, inventory_view
from trace_node.services.kept_results import KeptResults
from trace_node.services.statement_leaves import leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryStatistic:
    """How a boundary is configured (边界配置统计).

    Attributes:
        versions: Versions on record.
        counts: Parts of the newest version by their kind, such as ``sources``.
        by_category: Its sources by method and source category.
        absent: Source categories that it declares not occurring.
    """

    versions: int
    counts: Mapping[str, int]
    by_category: Mapping[tuple[str, str], int]
    absent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodStatistic:
    """How a method was applied in the span (方法学统计).

    Attributes:
        method: ``id@version``.
        records: Records that it gave.
        final: Those of them that are final.
        choices: Values of the results by where they come from, such as ``measured``.
        factors: Values that are rows of the library, by the status of the row.
        marks: Terms that occur, by how well their text is known.
    """

    method: str
    records: int
    final: int
    choices: Mapping[str, int]
    factors: Mapping[str, int]
    marks: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductStatistic:
    """Footprints of a product on record (产品碳足迹统计).

    Attributes:
        product: The product.
        batches: Batches with a footprint.
        complete: Those of them whose gate has no gap.
        mass: Tonnes of all of them.
        mean: kgCO2e for each tonne at the gate, weighted by mass, of batches that have one; None
            where none has.
        least: The lowest.
        most: The highest.
    """

    product: str
    batches: int
    complete: int
    mass: Decimal
    mean: Decimal | None
    least: Decimal | None
    most: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingStatistics:
    """Statistics of a boundary in a span.

    Attributes:
        boundary: How it is configured.
        methods: How its methods were applied.
        records: Emission records of the inventory.
        gaps: Spans that none covers.
        reports: Reports of the boundary on record, by what they may be used for.
        clean: Clean energy, never netted.
        sinks: Tonnes taken up by purpose and gas, never netted.
        products: Footprints of the organisation's products.
    """

    boundary: BoundaryStatistic
    methods: tuple[MethodStatistic, ...]
    records: int
    gaps: int
    reports: Mapping[ReportKind, int]
    clean: CleanStatistic
    sinks: Mapping[tuple[str, ...], Decimal]
    products: tuple[ProductStatistic, ...]


def accounting_statistics(request: InventoryRequest, *, store: Store) -> AccountingStatistics:
    """Count what the log holds of a boundary in a span.

    Raises:
        BoundaryNotFoundError: There is no such boundary.
        MethodNotFoundError: A method of it is not in the library.
    """
    view = inventory_view(request, store=store)
    with store.view() as work:
        versions = boundary_versions(request.organisation, request.boundary, view=work)
        reports = _reports(work, request)
        products = _products(work, request.organisation)
    return AccountingStatistics(
        boundary=_boundary(list(versions.values())),
        methods=tuple(_methods(view, store)),
        records=len(view.inventory.parts),
        gaps=len(view.inventory.gaps),
        reports=reports,
        clean=view.clean,
        sinks=view.inventory.masses(role=Role.SINK),
        products=products,
    )


def _boundary(versions: list[Boundary]) -> BoundaryStatistic:
    newest = versions[-1]
    kinds = ("places", "units", "industries", "sources", "meters", "laboratory", "entries", "rules")
    return BoundaryStatistic(
        versions=len(versions),
        counts={kind: len(getattr(newest, kind)) for kind in kinds},
        by_category=Counter((each.method, each.category) for each in newest.sources),
        absent=sum(len(each.not_occurring) for each in newest.industries),
    )


def _methods(view: InventoryView, store: Store) -> Iterable[MethodStatistic]:
    found: Inventory = view.inventory
    kept = KeptResults(store)
    results = {part.index: kept.canonical(part.index) for part in found.parts}
    by_method: dict[str, list[int]] = defaultdict(list)
    for part in found.parts:
        by_method[part.method].append(part.index)
    final = {part.index for part in found.parts if part.standing is Standing.FINAL}
    for method in sorted(by_method):
        nodes = [node for index in by_method[method] for node in _nodes(results[index])]
        yield MethodStatistic(
            method=method,
            records=len(by_method[method]),
            final=len(final.intersection(by_method[method])),
            choices=_count(str(node["choice"]) for node in nodes),
            factors=_count(
                str(row["status"]) for node in nodes if isinstance(row := node["factor"], dict)
            ),
            marks=_count(str(node["mark"]) for node in nodes if node["mark"]),
        )


def _nodes(result: bytes) -> list[JsonObject]:
    listed = decode_object(result, max_bytes=len(result))["nodes"]
    assert isinstance(listed, list)  # noqa: S101 (a result this node wrote)
    return [each for each in listed if isinstance(each, dict)]


def _count(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _reports(view: UnitOfWork, request: InventoryRequest) -> dict[ReportKind, int]:
    """Reports whose boundary it is, whatever their span."""
    found: Counter[ReportKind] = Counter()
    for leaf in leaves(view, REPORT, organisation=request.organisation):
        content = leaf.content
        assert isinstance(content, ReportMade)  # noqa: S101 (by kind)
        found[content.kind] += content.boundary == request.boundary
    return {kind: found[kind] for kind in ReportKind}


def _products(view: UnitOfWork, organisation: str) -> tuple[ProductStatistic, ...]:
    """Of each batch the newest footprint counts."""
    newest: dict[str, FootprintRecord] = {}
    for leaf in leaves(view, FOOTPRINT, organisation=organisation):
        content = leaf.content
        assert isinstance(content, FootprintRecord)  # noqa: S101 (by kind)
        newest[content.topic] = content
    by_product: dict[str, list[FootprintRecord]] = defaultdict(list)
    for one in newest.values():
        by_product[one.product].append(one)
    return tuple(_product(name, by_product[name]) for name in sorted(by_product))


def _product(name: str, found: list[FootprintRecord]) -> ProductStatistic:
    gates = [(one.gate, one.mass) for one in found if one.gate is not None]
    mass = total(mass for _, mass in gates)
    with precise():
        weighed = total(gate * mass for gate, mass in gates)
        mean = weighed / mass if mass else None
    return ProductStatistic(
        product=name,
        batches=len(found),
        complete=sum(one.complete for one in found),
        mass=total(one.mass for one in found),
        mean=mean,
        least=min((gate for gate, _ in gates), default=None),
        most=max((gate for gate, _ in gates), default=None),
    )
