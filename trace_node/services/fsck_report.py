"""What a check of the whole log found: problems, each with the place it is at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trace_node.errors import TraceNodeError

MOST_PROBLEMS = 1000

Progress = Callable[[int, int], None]
"""Is told how many entries are checked and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that does not check out (问题).

    Attributes:
        code: ``fsck.<what>``: stable, for programs.
        index: Leaf index concerned; None where no single entry is.
        template: English message with ``{name}`` parameters; also the gettext message id.
        params: Values of the parameters.
    """

    code: str
    index: int | None
    template: str
    params: dict[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The English message with its parameters filled in."""
        return self.template.format(**self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of a check (检查结果).

    Attributes:
        size: Number of entries checked.
        problems: What was found, in the order found; at most 1,000.
        counts: How many of each thing were checked: ``entries``, ``deliveries``, ``signatures``,
            ``tiles``, ``checkpoints``, ``anchors``, ``archived``, ``readings``.
        not_done: Names of checks that could not be made, for want of a key, archive or chain.
    """

    size: int
    problems: tuple[Problem, ...]
    counts: dict[str, int]
    not_done: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


class Findings:
    """Collects what the parts of a check find."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.counts: dict[str, int] = {}
        self.not_done: list[str] = []

    @property
    def is_full(self) -> bool:
        """Whether so much was found that going on tells nothing more."""
        return len(self.problems) >= MOST_PROBLEMS

    def report(self, *, size: int, damage: Sequence[str] | None) -> Report:
        """Everything found, the damage first: it explains much of the rest.

        Args:
            size: Number of entries checked.
            damage: What the database's own check reports; None if it has none.
        """
        storage = Findings()
        for line in damage or ():
            storage.add("storage", "the database reports: {detail}", detail=line)
        if damage is None:
            self.leave_out("storage")
        return Report(
            size=size,
            problems=tuple([*storage.problems, *self.problems][:MOST_PROBLEMS]),
            counts=dict(self.counts),
            not_done=tuple(self.not_done),
        )

    def count(self, what: str, number: int = 1) -> None:
        """Add to how many were checked."""
        self.counts[what] = self.counts.get(what, 0) + number

    def leave_out(self, what: str) -> None:
        """Record that a check could not be made."""
        if what not in self.not_done:
            self.not_done.append(what)

    def add(
        self, code: str, template: str, /, *, index: int | None = None, **params: object
    ) -> None:
        """Record a problem; ``index`` is a parameter of the template too."""
        if not self.is_full:
            params = {"index": index, **params}
            self.problems.append(
                Problem(code=f"fsck.{code}", index=index, template=template, params=params)
            )

    def add_error(self, code: str, error: TraceNodeError, *, index: int | None = None) -> None:
        """Record what an error says."""
        self.add(
            code,
            "entry {index}: {detail}" if index is not None else "{detail}",
            index=index,
            detail=error.message,
        )

    def add_derived(self, table: str, key: str) -> None:
        """Record a row of a derived table that is not what the log gives."""
        self.add(
            "derived_row",
            "{table}, {key}: the row is missing or not what the log gives; restore into an empty"
            " database to have it computed again",
            table=table,
            key=key,
        )
