"""Completeness of a period: are all records of a device there, and if not, what is missing?

A device's records are numbered without gaps within one boot of its collector, and each names the
one before it. So a contiguous stretch of them, from a reading before the period to a reading after
it, cannot leave one out without showing it. What cannot be established is said to be so:

* *failed*: a number or a link is missing and the log does not say why: something was left out here;
* *not done*: the log itself records that numbers are missing, or the stretch has an open end.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from trace_node.metering.meter import Meter
from trace_node.metering.records.finding import Finding
from trace_node.services.period_chain import ChainWalk
from trace_node.services.period_counts import count_readings, open_ends
from trace_node.services.period_report import ChainLink, DeviceCompleteness


def examine_device(
    device: str,
    *,
    links: Iterable[ChainLink],
    findings: Sequence[Finding],
    meter: Meter | None,
    begin: datetime,
    end: datetime,
) -> DeviceCompleteness:
    """Say what is known of one device in a period.

    Args:
        device: Its name.
        links: Its records, authentic, in any order.
        findings: The node's findings about it, authentic.
        meter: Its description; ``None`` when it is not registered.
        begin: First instant of the period.
        end: First instant after it.
    """
    boots = _by_boot(links)
    walk = ChainWalk(device, findings)
    for chain in boots:
        walk.follow(chain)
    ordered = [link for chain in boots for link in chain]
    counts = count_readings(ordered, meter=meter, begin=begin, end=end)
    doubts = [*walk.doubts, *open_ends(device, ordered, begin=begin, end=end)]
    return DeviceCompleteness(
        device=device,
        expected=len(ordered) + sum(gap.last - gap.first + 1 for gap in walk.gaps),
        held=len(ordered),
        gaps=tuple(walk.gaps),
        meter_registers=counts,
        doubts=tuple(doubts),
    )


def _by_boot(links: Iterable[ChainLink]) -> list[list[ChainLink]]:
    """The records by boot, boots in the order of the log, records in the order of their number."""
    boots: dict[bytes, list[ChainLink]] = {}
    for link in sorted(links, key=lambda link: link.index):
        boots.setdefault(link.record.boot, []).append(link)
    return [sorted(chain, key=lambda link: link.record.seq) for chain in boots.values()]
