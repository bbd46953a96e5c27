"""Whether the ledger's mirror can be relied on now: not stopped, and not behind for too long."""

from dataclasses import dataclass
from datetime import timedelta

from trace_node.clock import Clock
from trace_node.period import to_ms
from trace_node.ports.ledger_mirror import LedgerMirror
from trace_node.ports.ledger_mirror_head import MirrorHead, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """How the mirror is.

    Attributes:
        head: How far it has come.
        stop: Why orders are stopped; ``None`` while they are not.
        behind: How long ago it was level with the chain; ``None`` when it never was.
        overdue: That is longer than allowed.
    """

    head: MirrorHead
    stop: Stop | None
    behind: timedelta | None
    overdue: bool

    @property
    def ready(self) -> bool:
        """Orders may be sent on its word."""
        return self.stop is None and not self.overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerHealth:
    """Looks at the mirror.

    Attributes:
        mirror: The mirror.
        clock: Time.
        allowed: How long it may be behind the chain, or not hear of it.
    """

    mirror: LedgerMirror
    clock: Clock
    allowed: timedelta

    def look(self) -> HealthReport:
        """How the mirror is now; the chain is not asked.

        Raises:
            NotFoundError: No ledger was joined yet.
        """
        with self.mirror.view() as view:
            head, stop = view.head(), view.stop()
        behind = None
        if head.level_ms:
            behind = timedelta(milliseconds=max(to_ms(self.clock.now()) - head.level_ms, 0))
        return HealthReport(
            head=head,
            stop=stop,
            behind=behind,
            overdue=behind is None or behind > self.allowed,
        )
