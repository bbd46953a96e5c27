"""A boundary against the meters of the log and the methods of the library, before it is logged."""

from collections.abc import Iterable, Iterator
from typing import Final

from trace_node.accounting.activity.integrate import require_integral
from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.boundary.check import require_once
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.boundary.sources import Industry, MeterPoint
from trace_node.accounting.inventory.point_rules import BASES, fed_by, feeds_of
from trace_node.accounting.inventory.purposes import mass_purposes
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.method_library import MethodLibrary
from trace_node.accounting.methods.scope_of_case import require_words
from trace_node.accounting.methods.words import Purpose, Role, SymbolSource
from trace_node.metering.meter import Meter, MeterRegister
from trace_node.ports.log_reader import LogReader
from trace_node.units import unit

_QUANTITIES: Final = frozenset(
    {
        *("carbonate_quantity", "electricity_bought", "fuel_gas_quantity", "fuel_quantity"),
        *("heat_bought", "hot_water_bought", "steam_bought"),
    }
)


def require_fitting(boundary: Boundary, *, reader: LogReader, methods: MethodLibrary) -> None:
    """Require a boundary to fit the meters of a log; see ``require_fitting_meters``."""
    meters = (each.meter for each in reader.enrolled_meters())
    require_fitting_meters(boundary, meters=meters, methods=methods)


def require_fitting_meters(
    boundary: Boundary, *, meters: Iterable[Meter], methods: MethodLibrary
) -> None:
    """Require known meters, categories that are there or declared absent, and known symbols.

    Args:
        boundary: The boundary.
        meters: The meters there are, of a log or of point lists.
        methods: The library.

    Raises:
        BoundaryError: Something is not known, or a source category is neither present nor
            declared not occurring; or two methods of one purpose count what is bought or burnt.
        MethodNotFoundError: A method is not in the library.
        CaseError: A word of a unit or source is missing, or not one of the method.
    """
    known = {(each.device, one.name): one for each in meters for one in each.meter_registers}
    for point in boundary.meters:
        found = known.get((point.device, point.meter_register))
        if found is None:
            raise _refusal(
                "meters",
                point.name,
                f"names {point.device} {point.meter_register}, which is not registered",
                "boundary.meter",
            )
        _require_integral(point, found)
    for industry in boundary.industries:
        method = methods.get(industry.method)
        sources = [
            each
            for each in boundary.sources
            if (each.unit, each.method) == (industry.unit, industry.method)
        ]
        present = {each.category for each in sources}
        for category in present - set(method.categories):
            raise _refusal("category", category, f"is no source category of {method.ref}")
        for category in set(method.categories) - present - set(industry.not_occurring):
            raise _refusal(
                "not_occurring",
                category,
                f"of {method.ref} has no source and is not declared not occurring",
                "boundary.incomplete",
            )
        _require_words(boundary, industry, method)
        _require_points(boundary, industry, method)
        names = {each.id for each in sources}
        for feed in boundary.feeds:
            if feed.source in names:
                symbol = method.symbols.get(feed.symbol)
                if symbol is None or symbol.source is SymbolSource.CONSTANT:
                    raise _refusal(
                        "feeds", feed.symbol, f"is no symbol of {method.ref} to be given"
                    )
    require_once(_uses_by_purpose(boundary, methods))


def _uses_by_purpose(boundary: Boundary, methods: MethodLibrary) -> Iterator[tuple[str, str, str]]:
    """What is burnt or bought by the purposes of the figures that add it.

    Two methods of one purpose that take one meter would add it to that figure twice.
    """
    sources = boundary.source_by_id
    for feed in boundary.feeds:
        source = sources[feed.source]
        method = methods.get(source.method)
        symbol = method.symbols.get(feed.symbol)
        if feed.point is None or symbol is None or symbol.item not in _QUANTITIES:
            continue
        for purpose in mass_purposes(method).of(source.category, Role.EMISSION):
            if purpose is not Purpose.AUXILIARY:
                into = f"{purpose.value} {symbol.item}"
                yield into, feed.point, f"{source.method} {feed.source}"


def _require_integral(point: MeterPoint, meter_register: MeterRegister) -> None:
    """A gauge is integrated to a unit of its kind, a counter is not."""
    if (point.integrate is None) == (meter_register.kind == "gauge"):
        raise _refusal(
            "integrate",
            point.name,
            f"is a {meter_register.kind}, which {'has to' if point.integrate is None else 'cannot'}"
            " be integrated",
            "boundary.integral",
        )
    if point.integrate is not None:
        require_integral(unit(meter_register.unit), unit(point.integrate.unit))


def _require_words(boundary: Boundary, industry: Industry, method: Method) -> None:
    """The words of the unit and of each line, which no period could be accounted for without."""
    require_words(
        f"industries.{industry.unit}.words",
        industry.words,
        method.words,
        idle=method.idle_words(industry.not_occurring),
    )
    for feed in feeds_of(boundary, industry):
        symbol = method.symbols.get(feed.symbol)
        if symbol is not None and symbol.table:
            words = boundary.source_by_id[feed.source].words
            place = f"sources.{feed.source}.words"
            require_words(place, words, method.tables[symbol.table].words)


def _require_points(boundary: Boundary, industry: Industry, method: Method) -> None:
    """Laboratory values are weighted and stated as the symbols they reach take them."""
    for point in boundary.laboratory:
        for fed in fed_by(boundary, industry, method, point.name):
            permitted = fed.symbol.weightings
            if point.weighting not in permitted:
                raise _refusal(
                    "laboratory",
                    point.name,
                    f"is weighted as {point.weighting}, {method.ref} takes {fed.symbol.id} as "
                    + " or ".join(permitted),
                    "boundary.weighting",
                )
            if fed.symbol.basis and fed.symbol.basis != BASES[point.basis]:
                raise _refusal(
                    "laboratory",
                    point.name,
                    f"is {BASES[point.basis] or 'of a gas'}, {method.ref} takes {fed.symbol.id} "
                    + fed.symbol.basis,
                    "boundary.weighting",
                )


def _refusal(field: str, name: str, why: str, code: str = "boundary.method") -> BoundaryError:
    return BoundaryError(
        "{field}: {name} {why}",
        field=field,
        name=name[:100],
        why=why,
        remedy="see docs/spec/boundary.md",
        code=code,
    )
