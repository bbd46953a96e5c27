"""Checks 17 and 18 of a period bundle: what the devices are, and whether nothing is left out."""

from datetime import datetime

from trace_node.metering.meter import Meter
from trace_node.metering.records.device_registration import parse_device_registration
from trace_node.services.period import examine_device
from trace_node.services.period_report import DeviceCompleteness
from trace_node.services.verify_delivery import require_signed_by
from trace_node.services.verify_examination import Examination
from trace_node.services.verify_node_records import NodeRecords
from trace_node.services.verify_period_records import PeriodRecords
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.json_fields import instant_text
from trace_node.tlog.period_bundle import PeriodBundle, PeriodDevice
from trace_node.tlog.trust_root_form import TrustRoot
from trace_node.tlog.verdict import Status


def check_completeness(
    examination: Examination,
    *,
    bundle: PeriodBundle,
    records: PeriodRecords,
    node: NodeRecords,
    root: TrustRoot,
) -> tuple[DeviceCompleteness, ...]:
    """Make the checks 17 and 18.

    Args:
        examination: Where they are recorded.
        bundle: The bundle.
        records: Its records, authentic and in the log.
        node: What the node received and found, authentic and in the log.
        root: The trust root.

    Returns:
        What is known of each device, names ascending.
    """
    # (17) The descriptions of the devices, from which the plan of readings is known.
    meters = examination.attempt(
        "device.registration", lambda: _open_meters(examination, bundle, root=root)
    )
    # (18) Their chains, from before the period to after it.
    devices = tuple(
        examine_device(
            device.name,
            links=records.links[device.name],
            findings=node.findings[device.name],
            meter=(meters or {}).get(device.name),
            begin=bundle.begin,
            end=bundle.end,
        )
        for device in bundle.devices
    )
    _conclude(examination, devices)
    return devices


def _open_meters(
    examination: Examination, bundle: PeriodBundle, *, root: TrustRoot
) -> dict[str, Meter]:
    meters = {
        device.name: _open_meter(device, device.registration, root=root, end=bundle.end)
        for device in bundle.devices
        if device.registration is not None
    }
    missing = [device.name for device in bundle.devices if device.name not in meters]
    if missing:
        examination.not_done(
            "device.registration",
            "device.unregistered",
            "no registration of {devices} is in the file: how many readings were planned is not"
            " known",
            devices=", ".join(missing[:8]),
        )
    return meters


def _open_meter(device: PeriodDevice, raw: bytes, *, root: TrustRoot, end: datetime) -> Meter:
    registration = parse_device_registration(raw)
    require_signed_by(
        raw,
        named=registration.signed_by,
        keys=(*root.device_authorities, *root.node_keys),
        field="devices.registration",
        code="device.authority",
    )
    if registration.meter.device != device.name or registration.origin != root.origin:
        raise EvidenceError(
            "{field}: is of the device {found} of {origin}, not of {expected}",
            field="devices.registration",
            found=registration.meter.device,
            origin=registration.origin,
            expected=device.name,
            code="device.registration",
        )
    if registration.meter.valid_from >= end:
        raise EvidenceError(
            "{field}: describes {device} from {valid_from} on, after the period",
            field="devices.registration",
            device=device.name,
            valid_from=instant_text(registration.meter.valid_from),
            code="device.not_in_force",
        )
    return registration.meter


def _conclude(examination: Examination, devices: tuple[DeviceCompleteness, ...]) -> None:
    doubts = [doubt for device in devices for doubt in device.doubts]
    failed = [doubt for doubt in doubts if doubt.status is Status.FAILED]
    if failed:
        examination.failed("completeness", failed[0].reason, failed[0].message, **failed[0].params)
    elif doubts:
        examination.not_done(
            "completeness", doubts[0].reason, doubts[0].message, **doubts[0].params
        )
    else:
        examination.passed(
            "completeness",
            "{held} records of {devices} devices, none missing",
            held=sum(device.held for device in devices),
            devices=len(devices),
        )
