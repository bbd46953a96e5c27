"""The verdict on a bundle: numbered checks, an outcome in two halves, an exit code.

There are three words: passed, failed, not done. Nothing is ever rounded up: a check that could not
be made is "not done", and an outcome is "passed" only when every check that it needs has passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trace_node.canonical_json import JsonObject

EXIT_VERIFIED = 0
EXIT_INVALID = 1
EXIT_USAGE = 2
EXIT_NOT_DONE = 3
EXIT_UNREACHABLE = 4


class Status(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not_done"


class Scope(StrEnum):
    """The half of the outcome that a check belongs to."""

    SIGNED = "signed"
    ANCHORED = "anchored"


class Anchored(StrEnum):
    """What is known of the anchor, by the strongest evidence that was checked."""

    LIVE_CHAIN = "live_chain"
    SEALED_HEADER = "sealed_header"
    FAILED = "failed"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckKind:
    """A check as the specification lists it.

    Attributes:
        number: Its number, from 1; fixed for a version of the format.
        name: Its stable name.
        title: What holds when it passes; an English sentence and gettext message id.
        scope: The half of the outcome it belongs to.
        needed: Whether "not done" keeps its half from "passed". Anchor checks are alternatives,
            of which one must pass, and are not needed one by one.
    """

    number: int
    name: str
    title: str
    scope: Scope
    needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check and what came of it (检查项).

    Attributes:
        kind: Which check.
        status: Passed, failed or not done.
        reason: Stable dotted code: ``ok`` or why it failed or was not done.
        message: English template with named parameters; also the gettext message id.
        params: The parameters.
        unreachable: Not done because something did not answer; trying again later can help.
    """

    kind: CheckKind
    status: Status
    reason: str
    message: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    unreachable: bool = False

    @property
    def text(self) -> str:
        """The English message with its parameters filled in."""
        return self.message.format(**self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A limit of the evidence that is shown with every verdict, whatever its outcome.

    Attributes:
        code: Stable code, such as ``single_operator.chain``.
        message: English template with named parameters; also the gettext message id.
        params: The parameters.
    """

    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The English text with its parameters filled in."""
        return self.message.format(**self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of all checks (结论).

    Attributes:
        checks: Every check of the format, in order of number; none is left out.
        labels: Limits of the evidence.
    """

    checks: tuple[Check, ...]
    labels: tuple[Label, ...] = ()

    @property
    def signed(self) -> Status:
        """Whether the trust root's keys vouch for the leaf."""
        checks = [check for check in self.checks if check.kind.scope is Scope.SIGNED]
        if any(check.status is Status.FAILED for check in checks):
            return Status.FAILED
        needed = [check for check in checks if check.kind.needed]
        if not needed or any(check.status is not Status.PASSED for check in needed):
            return Status.NOT_DONE
        return Status.PASSED

    @property
    def anchored(self) -> Anchored:
        """Whether a chain vouches for the checkpoint, and by which evidence."""
        checks = [check for check in self.checks if check.kind.scope is Scope.ANCHORED]
        if any(check.status is Status.FAILED for check in checks):
            return Anchored.FAILED
        if any(check.status is not Status.PASSED for check in checks if check.kind.needed):
            return Anchored.NOT_DONE
        passed = {check.kind.name for check in checks if check.status is Status.PASSED}
        if "anchor.live" in passed:
            return Anchored.LIVE_CHAIN
        return Anchored.SEALED_HEADER if "anchor.sealed" in passed else Anchored.NOT_DONE

    @property
    def exit_code(self) -> int:
        """0 both halves passed, 1 any failed, 4 something did not answer, 3 otherwise."""
        if self.signed is Status.FAILED or self.anchored is Anchored.FAILED:
            return EXIT_INVALID
        if self.signed is Status.PASSED and self.anchored is not Anchored.NOT_DONE:
            return EXIT_VERIFIED
        if any(check.unreachable for check in self.checks):
            return EXIT_UNREACHABLE
        return EXIT_NOT_DONE

    @property
    def first_failure(self) -> Check | None:
        """The failed check of the lowest number; ``None`` when none failed."""
        return next((check for check in self.checks if check.status is Status.FAILED), None)

    def to_json(self) -> JsonObject:
        """The verdict as ``docs/spec/verdict.md`` writes it, in English."""
        return {
            "outcome": {"signed": self.signed.value, "anchored": self.anchored.value},
            "exit_code": self.exit_code,
            "checks": [
                {
                    "number": check.kind.number,
                    "name": check.kind.name,
                    "scope": check.kind.scope.value,
                    "status": check.status.value,
                    "reason": check.reason,
                    "title": check.kind.title,
                    "detail": check.text,
                }
                for check in self.checks
            ],
            "labels": [{"code": label.code, "message": label.text} for label in self.labels],
        }
