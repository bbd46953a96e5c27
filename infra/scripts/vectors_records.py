"""Write the test vectors of records, and the examples of docs/spec/records.md.

``tests/vectors/records/accepted.json`` holds one record of each kind with its digest;
``refused.json`` holds one broken record for each rule, with the error code expected. Records are
put together by hand in ``tests/support/metering_samples.py``, not by the product's builders.

SM2 signatures are random: one that is there already and still verifies is kept, so that a second
run changes nothing. Run ``python infra/scripts/vectors_records.py`` to write, with ``--check`` to
compare only.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support import metering_samples as samples  # noqa: E402 (the two paths above)

from trace_node.crypto import signed_record  # noqa: E402
from trace_node.errors import TraceNodeError  # noqa: E402

OUT = ROOT / "tests" / "vectors" / "records"
SPEC = ROOT / "docs" / "spec" / "records.md"
EXAMPLE = re.compile(r"^```json ([a-z ]+)\n(?:[^`\n]+\n)?```$", re.MULTILINE)

Fields = dict[str, object]

D = samples.text(bytes(32))  # a digest
TIME = "2026-11-21T03:10:00.123Z"


def without(fields: Fields, key: str) -> Fields:
    """The members but one."""
    return {name: value for name, value in fields.items() if name != key}


def refused_readings() -> dict[str, tuple[Fields | bytes, str]]:
    """Broken readings by name: the members, or the bytes where the form itself is broken."""
    good = samples.reading_fields()
    raw = samples.plain(good)
    cases: dict[str, tuple[Fields | bytes, str]] = {
        "unit missing": (without(good, "unit"), "record.unit"),
        "unit null": (good | {"unit": None}, "record.unit"),
        "unit empty": (good | {"unit": ""}, "record.unit"),
        "unit unknown": (good | {"unit": "kWH"}, "record.unit"),
        "value as a number": (good | {"value": 12345}, "record.value"),
        "value with an exponent": (good | {"value": "1E+3"}, "record.value"),
        "value with a plus": (good | {"value": "+1.00"}, "record.value"),
        "value with a leading zero": (good | {"value": "01.00"}, "record.value"),
        "value with a bare point": (good | {"value": "1."}, "record.value"),
        "value of minus zero": (good | {"value": "-0.00"}, "record.value"),
        "value of 19 digits": (good | {"value": "1234567890123456789"}, "record.value"),
        "value of 19 digits with a point": (
            good | {"value": "123456789012345678.9"},
            "record.value",
        ),
        "value of ten decimals": (good | {"value": "1.1234567890"}, "record.value"),
        "value NaN": (good | {"value": "NaN"}, "record.value"),
        "value in other digits": (good | {"value": "\uff11.00"}, "record.value"),
        "value and reason": (good | {"reason": "timeout"}, "record.value_or_reason"),
        "neither value nor reason": (good | {"value": None}, "record.value_or_reason"),
        "reason in capitals": (good | {"value": None, "reason": "Timeout"}, "record.reason"),
        "reason empty": (good | {"value": None, "reason": ""}, "record.reason"),
        "seq negative": (good | {"seq": -1}, "record.seq"),
        "seq a string": (good | {"seq": "1"}, "record.seq"),
        "seq true": (good | {"seq": True}, "record.seq"),
        "seq null": (good | {"seq": None}, "record.seq"),
        "seq of 2^53": (raw.replace(b'"seq":1', b'"seq":9007199254740992'), "input.canonical"),
        "seq a fraction": (raw.replace(b'"seq":1', b'"seq":1.0'), "input.canonical"),
        "boot too short": (good | {"boot": samples.text(bytes(15))}, "record.boot"),
        "salt too long": (good | {"salt": samples.text(bytes(17))}, "record.salt"),
        "salt with loose bits": (good | {"salt": "AAAAAAAAAAAAAAAAAAAAAB"}, "record.salt"),
        "salt padded": (good | {"salt": samples.text(bytes(16)) + "=="}, "record.salt"),
        "salt missing": (without(good, "salt"), "record.salt"),
        "prev in standard base64": (good | {"prev": "+" + D[1:]}, "record.prev"),
        "prev a number": (good | {"prev": 0}, "record.prev"),
        "raw too short": (good | {"raw": D[1:]}, "record.raw"),
        "context null": (good | {"context": None}, "record.context"),
        "clock unknown word": (good | {"clock": "ok"}, "record.clock"),
        "origin unknown word": (good | {"origin": "modbus"}, "record.origin"),
        "observed_by unknown word": (good | {"observed_by": "operator"}, "record.observed_by"),
        "device empty": (good | {"device": ""}, "record.device"),
        "device with a space": (good | {"device": "meter 1"}, "record.device"),
        "device of 65 characters": (good | {"device": "m" * 65}, "record.device"),
        "meter_register a list": (good | {"meter_register": []}, "record.meter_register"),
        "time without decimals": (good | {"observed_at": TIME[:19] + "Z"}, "record.observed_at"),
        "time with six decimals": (
            good | {"observed_at": TIME[:-1] + "000Z"},
            "record.observed_at",
        ),
        "time with an offset": (
            good | {"observed_at": TIME[:-1] + "+08:00"},
            "record.observed_at",
        ),
        "time on 30 February": (
            good | {"collected_at": "2026-02-30T00:00:00.000Z"},
            "record.collected_at",
        ),
        "time at hour 24": (
            good | {"collected_at": "2026-02-03T24:00:00.000Z"},
            "record.collected_at",
        ),
        "time before 1970": (
            good | {"collected_at": "1969-12-31T23:59:59.999Z"},
            "record.collected_at",
        ),
        "unknown member": (good | {"remark": "x"}, "record.unknown_member"),
        "signature on a reading": (good | {"signature": {}}, "record.unknown_member"),
        "type missing": (without(good, "type"), "record.type"),
        "type unknown": (good | {"type": "note@1"}, "record.type"),
        "version unknown": (good | {"type": "reading@2"}, "record.version"),
        "version absent": (good | {"type": "reading"}, "record.version"),
        "key twice": (
            raw.replace(b'"seq":1', b'"seq":1,"seq":1'),
            "input.canonical.repeated_key",
        ),
        "white space": (raw.replace(b":", b": ", 1), "input.canonical"),
        "keys unsorted": (
            b"{" + raw[raw.index(b'"value"') : -1] + b"," + raw[1 : raw.index(b',"value"')] + b"}",
            "input.canonical",
        ),
        "escaped letter": (raw.replace(b"meter-1", b"\\u006deter-1"), "input.canonical"),
        "byte order mark": (b"\xef\xbb\xbf" + raw, "input.canonical"),
        "trailing byte": (raw + b"\n", "input.canonical"),
        "cut off": (raw[:-1], "input.canonical"),
        "empty": (b"", "input.canonical"),
        "a list": (b"[]", "input.canonical"),
    }
    return {f"reading: {name}": case for name, case in cases.items()}


def refused_plain() -> dict[str, tuple[Fields | bytes, str]]:
    """Broken events and contexts by name."""
    event, context = samples.event_fields(), samples.context_fields()
    return {
        "event: detail a string": (event | {"detail": "power"}, "record.detail"),
        "event: detail null": (event | {"detail": None}, "record.detail"),
        "event: code with a space": (event | {"event": "clock step"}, "record.event"),
        "event: meter_register missing": (
            without(event, "meter_register"),
            "record.meter_register",
        ),
        "context: collector in capitals": (
            context | {"collector": context["collector"].upper()},
            "record.collector",
        ),
        "context: head of size 0": (
            context | {"head": context["head"] | {"size": 0}},
            "record.size",
        ),
        "context: head without root": (
            context | {"head": without(context["head"], "root")},
            "record.root",
        ),
        "context: head of another hash": (
            context | {"head": context["head"] | {"origin": "a.example/log/md5"}},
            "record.origin",
        ),
        "context: head false": (context | {"head": False}, "record.head"),
        "context: software with a line break": (
            context | {"software": "a\nb"},
            "record.software",
        ),
    }


def refused_signed() -> dict[str, tuple[Fields | bytes, str]]:
    """Broken records that carry a signature; it covers the broken members."""
    delivery, received = samples.delivery_fields(), samples.received_fields()
    finding, key = samples.finding_fields(), samples.key_registration_fields()
    device = samples.device_registration_fields()
    replaced = samples.key_replacement_fields()
    revoked = samples.key_revocation_fields(reason="stolen")  # these files are in Latin-1

    def register(**changes: object) -> Fields:
        return device | {"registers": [samples.meter_register_fields(**changes)]}

    cases: dict[str, tuple[Fields, str]] = {
        "delivery: count 0": (delivery | {"count": 0}, "record.count"),
        "delivery: count 4097": (delivery | {"count": 4097}, "record.count"),
        "delivery: log without a name": (delivery | {"log": "a.example/sm3"}, "record.log"),
        "delivery: other key": (
            delivery | {"collector": samples.key_id("node")},
            "record.signer",
        ),
        "received: first_index -1": (received | {"first_index": -1}, "record.first_index"),
        "finding: seq_to first": (finding | {"seq_to": 2}, "record.seq_to"),
        "finding: subjects fall": (finding | {"subjects": [2, 1]}, "record.subjects"),
        "finding: subject twice": (finding | {"subjects": [1, 1]}, "record.subjects"),
        "finding: subject true": (finding | {"subjects": [True]}, "record.subjects"),
        "finding: too many subjects": (
            finding | {"subjects": list(range(1025))},
            "record.subjects",
        ),
        "key: other id": (key | {"key_id": samples.key_id("collector")}, "record.key_id"),
        "key: off the curve": (
            key | {"key": samples.text(b"\x04" + bytes(31) + b"\x01" + bytes(32))},
            "input.key.off_curve",
        ),
        "key: usage unknown": (key | {"usage": "signer"}, "record.usage"),
        "key: no time": (key | {"valid_to": key["valid_from"]}, "record.valid_to"),
        "key: address too short": (key | {"address": "0x12"}, "record.address"),
        "replacement: of no key": (replaced | {"replaces": []}, "record.replaces"),
        "replacement: of itself": (
            replaced | {"replaces": [replaced["key_id"]]},
            "record.replaces",
        ),
        "replacement: of one key twice": (
            replaced | {"replaces": [samples.key_id("collector")] * 2},
            "record.replaces",
        ),
        "replacement: of a name": (replaced | {"replaces": ["gateway-1"]}, "record.replaces"),
        "replacement: of a node": (replaced | {"usage": "node"}, "record.replaces"),
        "replacement: of version 1": (
            replaced | {"type": "key-registration@1"},
            "record.unknown_member",
        ),
        "revocation: no reason": (revoked | {"reason": ""}, "record.reason"),
        "revocation: reason of two lines": (revoked | {"reason": "a\nb"}, "record.reason"),
        "revocation: key by its name": (revoked | {"key_id": "gateway-1"}, "record.key_id"),
        "revocation: no time": (revoked | {"revoked_at": None}, "record.revoked_at"),
        "device: no meter register": (device | {"registers": []}, "record.registers"),
        "device: entry a name": (device | {"registers": ["active_energy"]}, "record.registers"),
        "device: name twice": (
            device | {"registers": [samples.meter_register_fields()] * 2},
            "meter.registers",
        ),
        "device: unit unknown": (register(unit="degree"), "record.unit"),
        "device: scale 10": (register(scale=10), "record.scale"),
        "device: maximum below minimum": (register(minimum="800000.00"), "meter.maximum"),
        "device: bound of other scale": (register(minimum="0.0"), "meter.minimum"),
        "device: capacity not above maximum": (
            register(capacity="799999.99"),
            "meter.capacity",
        ),
        "device: gauge with capacity": (register(kind="gauge"), "meter.capacity"),
        "device: rate 0": (register(max_rate="0"), "meter.max_rate"),
        "device: interval 0": (register(interval_s=0), "record.interval_s"),
        "device: multiplier 0": (register(multiplier="0"), "record.multiplier"),
        "device: multiplier null": (register(multiplier=None), "record.multiplier"),
        "device: member missing": (
            device | {"registers": [without(samples.meter_register_fields(), "capacity")]},
            "record.capacity",
        ),
    }
    made: dict[str, tuple[Fields | bytes, str]] = {}
    kept = _kept_signatures()
    for name, (fields, reason) in cases.items():
        signer = samples.EXAMPLES[_KINDS[name.partition(":")[0]]][1]
        made[name] = (_signed(name, fields, signer, kept), reason)
    made["delivery: unsigned"] = (delivery, "record.signature")
    made["delivery: signature null"] = (delivery | {"signature": None}, "input.record.unsigned")
    return made


_KINDS = {
    "delivery": "delivery",
    "received": "received",
    "finding": "finding",
    "key": "key registration",
    "replacement": "key replacement",
    "revocation": "key revocation",
    "device": "device registration",
}


def _kept_signatures() -> dict[str, str]:
    kept: dict[str, str] = {}
    for path in (OUT / "accepted.json", OUT / "refused.json"):
        if path.exists():
            for case in json.loads(path.read_text(encoding="utf-8")):
                kept[case["name"]] = case["record"]
    return kept


def _signed(name: str, fields: Fields, signer: str, kept: dict[str, str]) -> bytes:
    """The signed record; the one kept if it says the same and verifies."""
    try:
        old = json.loads(kept[name])
        if without(old, "signature") == fields:
            signed_record.verify(old, samples.key(signer).public)
            return samples.plain(old)
    except (KeyError, ValueError, TraceNodeError):  # none kept, or not of this content
        pass
    return samples.signed(fields, signer)


def accepted() -> list[Fields]:
    """One record of each kind."""
    kept = _kept_signatures()
    cases: list[Fields] = []
    for name, (fields, signer) in samples.EXAMPLES.items():
        raw = samples.plain(fields) if signer is None else _signed(name, fields, signer, kept)
        case: Fields = {"name": name, "record": raw.decode(), "digest": samples.leaf(raw).hex()}
        if signer is not None:
            case["public_key"] = samples.key(signer).public.point.hex()
        cases.append(case)
    return cases


def refused() -> list[Fields]:
    """One broken record for each rule; in Latin-1, so that every byte has its character."""
    cases = refused_readings() | refused_plain() | refused_signed()
    return [
        {
            "name": name,
            "record": (content if isinstance(content, bytes) else samples.plain(content)).decode(
                "latin-1"
            ),
            "reason": reason,
        }
        for name, (content, reason) in cases.items()
    ]


def spec_with(cases: list[Fields]) -> str:
    """The specification with its examples replaced by the accepted records."""
    records = {str(case["name"]): str(case["record"]) for case in cases}
    text = SPEC.read_text(encoding="utf-8")
    return EXAMPLE.sub(lambda match: f"```json {match[1]}\n{records[match[1]]}\n```", text)


def main() -> int:
    """Write the files, or with ``--check`` compare them."""
    cases = accepted()
    files = {
        OUT / "accepted.json": json.dumps(cases, indent=1) + "\n",
        OUT / "refused.json": json.dumps(refused(), indent=1) + "\n",
    }
    if SPEC.exists():
        files[SPEC] = spec_with(cases)
    if "--check" in sys.argv[1:]:
        stale = [path for path, content in files.items() if path.read_text("utf-8") != content]
        print(*(f"{path}: not what the script writes" for path in stale), sep="\n")
        return 1 if stale else 0
    OUT.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        path.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
