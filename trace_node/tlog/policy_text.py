"""The text form of a policy, c2sp.org/tlog-policy.

Reading allows comments, blank lines and any spacing; writing has one form: logs, witnesses, groups,
quorum, single spaces, thresholds as numbers.
"""

import re

from trace_node.tlog.errors import OversizeError, PolicyFormatError
from trace_node.tlog.note_keys import parse_vkey
from trace_node.tlog.policy import (
    MAX_MEMBERS,
    Policy,
    PolicyLog,
    PolicyWitness,
    WitnessGroup,
)
from trace_node.tlog.text import from_decimal

MAX_POLICY_BYTES = 262_144

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_GAP = re.compile(r"[ \t]+")


def parse(raw: bytes) -> Policy:
    """Read a policy.

    Raises:
        OversizeError: Over 262,144 bytes; nothing was parsed.
        PolicyFormatError: A line that is none, or a rule of ``Policy`` is broken.
        NoteFormatError: A vkey is wrong, or of a kind that cannot stand there.
    """
    logs: list[PolicyLog] = []
    witnesses: list[PolicyWitness] = []
    groups: list[WitnessGroup] = []
    quorums: list[str] = []
    defined: set[str] = set()
    for number, words in _lines(raw):
        match words:
            case ["log", vkey, *rest] if len(rest) <= 1:
                logs.append(PolicyLog(key=parse_vkey(vkey), url=_url(rest)))
            case ["witness", label, vkey, *rest] if len(rest) <= 1:
                witnesses.append(PolicyWitness(label=label, key=parse_vkey(vkey), url=_url(rest)))
                defined.add(label)
            case ["group", label, threshold, *members]:
                _require_defined(members, defined, number)
                groups.append(_group(label, threshold, members))
                defined.add(label)
            case ["quorum", label]:
                _require_defined([] if label == "none" else [label], defined, number)
                quorums.append(label)
            case _:
                raise PolicyFormatError(
                    "{field}: neither log, witness, group nor quorum with its words",
                    field=f"line {number}",
                    code="tlog.policy.format.line",
                )
    if len(quorums) != 1:
        raise PolicyFormatError(
            "{field}: must stand exactly once, not {count} times",
            field="quorum",
            count=len(quorums),
            remedy="write 'quorum none' if no witness is required",
            code="tlog.policy.format.quorum",
        )
    return Policy(
        logs=tuple(logs), witnesses=tuple(witnesses), groups=tuple(groups), quorum=quorums[0]
    )


def format_policy(policy: Policy) -> bytes:
    """Write a policy; reading it gives the same policy."""
    lines = [f"log {log.key.vkey}{_tail(log.url)}" for log in policy.logs]
    lines += [f"witness {w.label} {w.key.vkey}{_tail(w.url)}" for w in policy.witnesses]
    lines += [f"group {g.label} {g.threshold} {' '.join(g.members)}" for g in policy.groups]
    lines.append(f"quorum {policy.quorum}")
    return "".join(f"{line}\n" for line in lines).encode()


def _lines(raw: bytes) -> list[tuple[int, list[str]]]:
    """The words of every line that says something, with its number."""
    if len(raw) > MAX_POLICY_BYTES:
        raise OversizeError(
            "{field}: has {length} bytes, at most {bound} are read",
            field="policy",
            length=len(raw),
            bound=MAX_POLICY_BYTES,
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise PolicyFormatError("{field}: not UTF-8", field="policy") from failure
    if _FORBIDDEN.search(text) or (text and not text.endswith("\n")):
        raise PolicyFormatError(
            "{field}: lines must end in a newline and hold no control character but tab",
            field="policy",
        )
    found = []
    for number, line in enumerate(text[:-1].split("\n"), start=1):
        words = [word for word in _GAP.split(line) if word]
        if words and not words[0].startswith("#"):
            found.append((number, words))
    return found


def _group(label: str, threshold: str, members: list[str]) -> WitnessGroup:
    if threshold == "any":
        needed = 1
    elif threshold == "all":
        needed = len(members)
    else:
        needed = from_decimal(
            threshold, field="threshold", error=PolicyFormatError, maximum=MAX_MEMBERS
        )
    return WitnessGroup(label=label, threshold=needed, members=tuple(members))


def _require_defined(labels: list[str], defined: set[str], number: int) -> None:
    """C2SP: only names of lines above; the policy itself knows no order of lines."""
    for label in labels:
        if label not in defined:
            raise PolicyFormatError(
                "{field}: {label} is not defined on a line before",
                field=f"line {number}",
                label=label,
                code="tlog.policy.format.undefined",
            )


def _url(rest: list[str]) -> str | None:
    return rest[0] if rest else None


def _tail(url: str | None) -> str:
    return f" {url}" if url else ""
