"""What a report says of the organisation and of the devices behind its data."""

from collections.abc import Iterator, Mapping
from typing import Final

from trace_node.accounting.boundary.boundary import Boundary
from trace_node.accounting.report.content import NOTHING
from trace_node.accounting.report.device_file import Device
from trace_node.accounting.report.facts import DataSource
from trace_node.services.prove_emission import Figures

_UNSTATED: Final = "未登记"
_DOCUMENT: Final = "人工填报"


def registration(boundary: Boundary) -> tuple[tuple[str, str], ...]:
    """Registration data, contacts and places, each with its label."""
    entity = boundary.entity
    contacts = "；".join(f"{each.name}（{each.role}）" for each in entity.contacts)
    places = "；".join(
        f"{each.title}（{'运行控制' if each.controlled else '不在控制内'}）"
        for each in boundary.places
    )
    return (
        ("统一社会信用代码", entity.credit_code),
        ("地址", entity.address),
        ("法定代表人", entity.representative),
        ("联系人", contacts or NOTHING),
        ("场所", places or NOTHING),
    )


def data_sources(
    boundary: Boundary, devices: Mapping[str, Device], figures: Figures
) -> Iterator[DataSource]:
    """The lines of the source-data table: meters of the log, then entered data."""
    titles = {each.id: each.title for each in boundary.sources}
    reader = figures.store.reader()
    for point in boundary.meters:
        known = reader.enrolled_meters(device=point.device)[-1]
        seconds = known.meter.meter_register(point.meter_register).interval_s
        yield _source(
            devices.get(point.name),
            name=f"{point.device}（{known.meter.serial}）",
            frequency=f"每 {seconds} 秒",
            source=titles[point.source],
            activity=point.name,
            leaf=known.index,
        )
    for entry in boundary.entries:
        yield _source(
            devices.get(entry.name),
            name=_DOCUMENT,
            frequency=_DOCUMENT,
            source=titles[entry.source],
            activity=entry.name,
            leaf=None,
        )


def _source(
    device: Device | None,
    *,
    name: str,
    frequency: str,
    source: str,
    activity: str,
    leaf: int | None,
) -> DataSource:
    return DataSource(
        name=device.name if device else name,
        model=device.model if device else _UNSTATED,
        location=device.location if device else _UNSTATED,
        frequency=frequency,
        accuracy=device.accuracy if device else _UNSTATED,
        calibration=device.calibration if device else _UNSTATED,
        calibrated_until=device.calibrated_until if device else _UNSTATED,
        source=source,
        activity=activity,
        leaf=leaf,
    )
