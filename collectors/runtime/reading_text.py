"""Write the readings of one answer: what they share once, the rest a few hundred thousand times.

The form is that of ``trace_node.metering.records.reading``, which alone defines it. The first
reading of each meter register in a boot is compared with what that module builds, and a test
compares the two on anything a draft can hold; a difference ends the process before a record is
written.
"""

from datetime import datetime

from collectors.errors import SpoolError
from collectors.runtime.drafts import ReadingsDraft, Shown
from trace_node.ids import DeviceId, RegisterId, to_base64url
from trace_node.metering.records.reading import Reading, build_reading
from trace_node.record.fields import Code
from trace_node.record.writing import write_time


class ReadingWriter:
    """Writes readings of one boot.

    Args:
        boot: The boot.
    """

    def __init__(self, boot: bytes) -> None:
        self._boot = boot
        self._boot_text = to_base64url(boot)
        self._compared: set[tuple[DeviceId, RegisterId]] = set()

    def begin(self, draft: ReadingsDraft, *, context: bytes) -> "AnswerWriter":
        """Write what the readings of an answer share.

        Raises:
            RecordError: A time is finer than a millisecond.
        """
        return AnswerWriter(self, draft, context)

    def head(self, draft: ReadingsDraft, context: bytes) -> str:
        """The members up to the name of the meter register."""
        return (
            f'{{"boot":"{self._boot_text}","clock":"{draft.clock}","collected_at":'
            f'"{_time(draft.collected_at)}","context":"{to_base64url(context)}","device":'
            f'"{draft.device}","meter_register":"'
        )

    def compare(self, built: bytes, reading: Reading) -> None:
        """Compare the first reading of a meter register with what the record module builds.

        Raises:
            RecordError: The reading breaks a rule of its format.
            SpoolError: The bytes differ.
        """
        key = (reading.device, reading.meter_register)
        if key in self._compared:
            return
        if build_reading(reading) != built:
            raise SpoolError(
                "{field}: a reading was not written in the form of reading@1",
                field=f"{reading.device} {reading.meter_register}",
                remedy="report this as an error of the program; nothing was recorded",
                code="collector.reading_form",
            )
        self._compared.add(key)

    def compared(self, device: DeviceId, meter_register: RegisterId) -> bool:
        """Whether a reading of this meter register was compared in this boot."""
        return (device, meter_register) in self._compared

    @property
    def boot(self) -> bytes:
        """The boot."""
        return self._boot


class AnswerWriter:
    """Writes the readings of one answer.

    Args:
        writer: The writer of the boot.
        draft: The answer.
        context: Digest of the context.
    """

    def __init__(self, writer: ReadingWriter, draft: ReadingsDraft, context: bytes) -> None:
        raw = draft.evidence.digest if draft.evidence else None
        self._writer = writer
        self._draft = draft
        self._context = context
        self._raw = raw
        self._head = writer.head(draft, context)
        self._middle = (
            f'","observed_at":"{_time(draft.observed_at)}","observed_by":"{draft.observed_by}",'
            f'"origin":"{draft.origin}","prev":'
        )
        self._raw_text = f',"raw":{_quoted(raw)},"reason":'

    def write(self, shown: Shown, *, prev: bytes | None, salt: bytes, seq: int) -> bytes:
        """The exact bytes of one reading.

        Raises:
            RecordError: The reading breaks a rule of its format.
            SpoolError: This module does not write the form of ``reading@1``.
        """
        name, unit, value, reason = shown
        reason_text = "null" if reason is None else f'"{reason}"'
        value_text = "null" if value is None else f'"{value:f}"'
        built = (
            f"{self._head}{name}{self._middle}{_quoted(prev)}{self._raw_text}{reason_text},"
            f'"salt":"{to_base64url(salt)}","seq":{seq},"type":"reading@1","unit":"{unit}",'
            f'"value":{value_text}}}'
        ).encode("ascii")
        if not self._writer.compared(self._draft.device, name):
            self._writer.compare(built, self._as_reading(shown, prev=prev, salt=salt, seq=seq))
        return built

    def _as_reading(self, shown: Shown, *, prev: bytes | None, salt: bytes, seq: int) -> Reading:
        draft = self._draft
        return Reading(
            boot=self._writer.boot,
            clock=draft.clock,
            collected_at=draft.collected_at,
            context=self._context,
            device=draft.device,
            meter_register=shown.meter_register,
            observed_at=draft.observed_at,
            observed_by=draft.observed_by,
            origin=draft.origin,
            prev=prev,
            raw=self._raw,
            reason=None if shown.reason is None else Code(shown.reason),
            salt=salt,
            seq=seq,
            unit=shown.unit,
            value=shown.value,
        )


def _quoted(raw: bytes | None) -> str:
    return "null" if raw is None else f'"{to_base64url(raw)}"'


def _time(instant: datetime) -> str:
    return write_time(instant, field="time")
