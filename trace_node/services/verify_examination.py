"""How checks are made one after the other and become a verdict; no failure is lost on the way."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from trace_node.errors import ConfigError, TraceNodeError, UnavailableError
from trace_node.tlog.verdict import Check, CheckKind, Label, Status, Verdict

_T = TypeVar("_T")

PASSED = "ok"
BLOCKED = "blocked"


class Examination:
    """Makes the checks of one format, each once, and keeps what came of them.

    Args:
        kinds: All checks of the format, in order of number.
    """

    def __init__(self, kinds: Sequence[CheckKind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._done: dict[str, Check] = {}
        self._labels: list[Label] = []

    def attempt(self, name: str, step: Callable[[], _T]) -> _T | None:
        """Make one check.

        A step that raises has failed, with the error's own reason; one that could not be made
        because something did not answer is "not done". A check that is never attempted, because one
        that it builds on did not pass, ends as "not done: blocked": what it would say about
        unchecked input would mean nothing.

        Args:
            name: Name of the check.
            step: Returns what later checks build on (never ``None``), or raises.

        Returns:
            What the step gave; ``None`` when the check did not pass.

        Raises:
            ConfigError: This machine cannot check anything, for lack of a working library.
        """
        try:
            value = step()
        except ConfigError:
            raise  # not a fault of the evidence: nothing can be said about it here
        except UnavailableError as fault:
            self._record(
                name, Status.NOT_DONE, fault.reason, fault.template, fault.params, unreachable=True
            )
        except TraceNodeError as fault:
            self._record(name, Status.FAILED, fault.reason, fault.template, fault.params)
        else:
            if name not in self._done:  # a step may have said itself how it ended
                self._record(name, Status.PASSED, PASSED, "", {})
            return value
        return None

    def passed(self, name: str, message: str, **params: object) -> None:
        """Record that a check passed, with something worth reading about it."""
        self._record(name, Status.PASSED, PASSED, message, params)

    def failed(self, name: str, reason: str, message: str, **params: object) -> None:
        """Record that a check failed."""
        self._record(name, Status.FAILED, reason, message, params)

    def not_done(self, name: str, reason: str, message: str, **params: object) -> None:
        """Record why a check was not made."""
        self._record(name, Status.NOT_DONE, reason, message, params)

    def label(self, code: str, message: str, **params: object) -> None:
        """Add a limit of the evidence that is shown whatever the outcome."""
        self._labels.append(Label(code=code, message=message, params=params))

    def has_passed(self, name: str) -> bool:
        """Whether a check was made and passed."""
        return name in self._done and self._done[name].status is Status.PASSED

    def verdict(self) -> Verdict:
        """The verdict; a check that was never reached is "not done"."""
        for name in self._kinds.keys() - self._done.keys():
            self.not_done(name, BLOCKED, "a check that this one builds on did not pass")
        checks = [self._done[name] for name in self._kinds]
        return Verdict(checks=tuple(checks), labels=tuple(self._labels))

    def _record(
        self,
        name: str,
        status: Status,
        reason: str,
        message: str,
        params: Mapping[str, object],
        *,
        unreachable: bool = False,
    ) -> None:
        if name in self._done:
            raise ValueError(f"check {name} is recorded twice")  # a bug here, never of the input
        self._done[name] = Check(
            kind=self._kinds[name],
            status=status,
            reason=reason,
            message=message,
            params=params,
            unreachable=unreachable,
        )
