"""Whatever the genealogy: the batches that are left bear exactly what was emitted."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from support.footprints import Figures, emission, event, footprint, genealogy, out

from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.accounting.footprint.genealogy import Genealogy
from trace_node.accounting.footprint.words import EventKind, Stage

D = Decimal
MINED = 1_000
Fraction = st.integers(min_value=1, max_value=10)


@st.composite
def genealogies(draw: st.DrawFn) -> Genealogy:
    """Some batches from the ground, then splits, blends and processes of parts of what is left."""
    left: dict[str, int] = {}
    events: list[BatchEvent] = []
    for number in range(draw(st.integers(1, 3))):
        name = f"g{number}"
        left[name] = MINED
        events.append(
            event(
                f"cut-{number}",
                EventKind.EXTRACT,
                outputs=[out(name, MINED)],
                stage=Stage.MINING,
                throughput=5 * MINED,
            )
        )
    for number in range(draw(st.integers(0, 8))):
        names = sorted(each for each in left if left[each])
        chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        parts = {name: max(left[name] * draw(Fraction) // 10, 1) for name in chosen}
        for name, mass in parts.items():
            left[name] -= mass
        count = draw(st.integers(1, 3))
        whole = sum(parts.values())
        masses = [max(whole // count, 1) for _ in range(count)] if whole >= count else [whole]
        outputs = [out(f"b{number}-{i}", mass) for i, mass in enumerate(masses)]
        is_process = draw(st.booleans())
        events.append(
            event(
                f"e{number}",
                EventKind.REWORK if is_process else EventKind.BLEND,
                parts,
                outputs,
                stage=Stage.WASHING if is_process else None,
                throughput=whole if is_process else None,
            )
        )
        left |= {each.batch: int(each.mass) for each in outputs}
    return genealogy(events)


@given(genealogies())
def test_what_is_left_bears_what_was_emitted(lineage: Genealogy) -> None:
    """Sum of b_p m_p over all that no event used = emission of all events (methods.md 10)."""
    figures = Figures()
    figures.add(emission("unit-mining", Stage.MINING, {"CO2": "7", "CH4": "3"}), 1)
    figures.add(emission("unit-washing", Stage.WASHING, {"CO2": "11"}), 2)
    emitted = sum(
        D("96.4") * each.event.mass_out / (5 * MINED)  # 7 + 29.8 * 3
        if each.event.kind is EventKind.EXTRACT
        else D(11) * (each.event.kind is EventKind.REWORK)
        for each in lineage.events
    )
    borne = sum(
        (
            lineage.left(name) * part.slope * part.x
            for name in lineage.batches
            if lineage.left(name)
            for part in footprint(name, lineage, figures).parts
        ),
        D(0),
    )
    assert abs(borne / 1000 - emitted) < D("1e-20")


@given(genealogies(), st.randoms(use_true_random=False))
def test_the_order_of_the_events_changes_no_digit(lineage: Genealogy, chance: object) -> None:
    figures = Figures()
    figures.add(emission("unit-mining", Stage.MINING, {"CO2": "7", "CH4": "3"}), 1)
    events = list(lineage.events)
    chance.shuffle(events)  # type: ignore[attr-defined]
    shuffled = Genealogy(events)
    for name in lineage.batches:
        ours, theirs = footprint(name, lineage, figures), footprint(name, shuffled, figures)
        assert (ours.gate, ours.stages) == (theirs.gate, theirs.stages)
