"""Forecasts, boards of emission, stages and emitters for people."""

from collections.abc import Sequence
from decimal import Decimal

import typer

from api.cli.inventory_group import shown
from api.cli.options import say
from api.cli.printable import printable
from trace_node.accounting.outlook.back_test import BackTest
from trace_node.accounting.outlook.direction import Direction
from trace_node.accounting.outlook.forecast import Forecast
from trace_node.accounting.outlook.rating import Rated
from trace_node.services.emission_board import EmissionBoard, Rating
from trace_node.services.emission_forecast import EmissionForecast
from trace_node.services.emitters import EmitterYear, YearFigure
from trace_node.services.stage_analysis import Stage


def print_forecast(found: EmissionForecast) -> None:
    """Print what each method says, with the error it had before."""
    purpose, unit, gwp_set = found.series.key
    say("{count} months of {purpose} are known, {provisional} of them provisional",
        count=len(found.series.values), purpose=purpose.value,
        provisional=len(found.series.provisional))  # fmt: skip
    if found.per_energy is not None:
        say("emission follows the energy: {share} {unit} for each unit of it",
            share=f"{found.per_energy:.6f}", unit=unit)  # fmt: skip
    _print_trend(found, unit)
    for each in found.forecasts:
        mark = "*" if each is found.best else " "
        _print_method(mark, each, f"{unit} {gwp_set}".strip())


def _print_trend(found: EmissionForecast, unit: str) -> None:
    trend, tried = found.trend, found.trend_test
    if trend is None:
        say("trend: two years have no month in common")
        return
    slope = f"{trend.slope:+.3f}"
    if trend.direction is Direction.RISING:
        say("trend of {months} months: rising, {slope} {unit} for a month from year to year",
            months=trend.months, slope=slope, unit=unit)  # fmt: skip
    elif trend.direction is Direction.FALLING:
        say("trend of {months} months: falling, {slope} {unit} for a month from year to year",
            months=trend.months, slope=slope, unit=unit)  # fmt: skip
    else:
        say("trend of {months} months: none is shown, what moved may be chance",
            months=trend.months)  # fmt: skip
    say("    trend accuracy {confidence} (stated from 95 % on), borne out {right} of {stated} times"
        " before", confidence=_percent(trend.confidence), right=tried.right,
        stated=tried.stated)  # fmt: skip


def print_board(found: EmissionBoard) -> None:
    """Print the board: the colour, what decided it, and what was looked at beside."""
    level = "-" if found.level is None else found.level.value.upper()
    purpose, unit, gwp_set = found.series.key
    say("{level}: {purpose}, {unit}", level=level, purpose=purpose.value,
        unit=f"{unit} {gwp_set}".strip())  # fmt: skip
    say("stated so far")
    _print_rating(found.to_date)
    if found.expected is None:
        say("the year cannot be foretold: a month lacks, or too little is known")
    else:
        say("expected for the year")
        _print_rating(found.expected)
    if found.forecast is not None and found.forecast.back_test is not None:
        print_back_test(found.forecast.back_test)
    thresholds = found.thresholds
    say("yellow above {yellow}, orange above {orange}, red above {red} of the reference",
        yellow=f"{thresholds.yellow:f}", orange=f"{thresholds.orange:f}",
        red=f"{thresholds.red:f}")  # fmt: skip


def print_back_test(found: BackTest) -> None:
    """Print how well a method did before, beside the targets."""
    say("    directions of months {trend} (target 95 %: {trend_met}), forecast error {error}"
        " (target 5 %: {error_met}), from {count} months foretold before",
        trend=_percent(found.trend), trend_met=_met(found.trend_met),
        error=_percent(found.error), error_met=_met(found.error_met),
        count=len(found.foretold))  # fmt: skip


def print_stages(rows: Sequence[Stage]) -> None:
    """Print every stage: value, share, change on the span and on the year before."""
    for each in rows:
        one = each.figure
        whole = "" if one.is_whole else "  (!)"
        typer.echo(
            f"{one.unit:20} {one.purpose.value:12} {shown(one.value)} {one.unit_of} {one.gwp_set}"
            f"  {_percent(one.share)}  {_change(one.change)}  {_change(one.change_on_year)}{whole}"
        )
        for (category, gas), mass in one.masses.items():
            typer.echo(f"    {category:24} {gas:5} {shown(mass)} t")
        if each.rising_months:
            say("    rises for {count} months running", count=each.rising_months)


def print_emitters(
    years: Sequence[EmitterYear], figures: Sequence[YearFigure], *, threshold: str
) -> None:
    """Print what the lists say, and the figures of a year beside the threshold."""
    for each in years:
        typer.echo(
            printable(
                f"{each.status.period.name}  {each.status.status.value:8} {each.status.document}"
                f"  [{each.index}]"
            )
        )
    for one in figures:
        say("{purpose}: {value} {unit}, threshold {threshold}: {reached}",
            purpose=one.purpose.value, value=shown(one.value), unit=one.unit,
            threshold=threshold, reached=_met(one.reaches))  # fmt: skip


def _print_method(mark: str, found: Forecast, unit: str) -> None:
    if found.refusal is not None:
        say("{mark} {method}: {why}", mark=mark, method=found.method, why=found.refusal)
        return
    say("{mark} {method}: {total} {unit} together", mark=mark, method=found.method,
        total=f"{found.total:.3f}", unit=unit)  # fmt: skip
    for each in found.months:
        span = "" if each.low is None else f"  {each.low:.3f} .. {each.high:.3f}"
        typer.echo(f"    {each.month}  {each.value:.3f}{span}")
    if found.back_test is None:
        say("    never tried: too little was known before")
    else:
        print_back_test(found.back_test)


def _print_rating(found: Rating) -> None:
    months = f"{found.months[0]} .. {found.months[-1]}" if found.months else "-"
    typer.echo(f"  {months}: {shown(found.emission)}")
    for each in found.rated:
        _print_rated("*" if each is found.decided else " ", each)


def _print_rated(mark: str, one: Rated) -> None:
    if one.level is None or one.measure.value is None:
        told = one.measure.lacks
    else:
        draft = " (draft)" if one.measure.is_draft else ""
        told = f"{_percent(one.ratio)} of {shown(one.measure.value)}: {one.measure.citation}{draft}"
    level = "-" if one.level is None else one.level.value
    typer.echo(printable(f"  {mark} {one.measure.reference.value:9} {level:7} {told}"))


def _percent(share: Decimal | None) -> str:
    return "-" if share is None else f"{share * 100:.2f} %"


def _change(ratio: Decimal | None) -> str:
    return "-" if ratio is None else f"{ratio * 100:+.2f} %"


def _met(is_met: bool | None) -> str:
    return "-" if is_met is None else "yes" if is_met else "no"
