"""Which units are set aside for which debt: what one year needs does not count for the next.

Debts are served in order, each with the oldest units that may serve it (先旧后新).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Units of one class that can be handed in.

    Attributes:
        class_id: The class.
        vintage: Its year.
        tonnes: Whole tonnes, 0 or more.
    """

    class_id: int
    vintage: int
    tonnes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A debt that units are set aside for.

    Attributes:
        name: What the answer calls it; each once.
        tonnes: Whole tonnes, 0 or more.
        serves: Whether units of a class may serve it.
    """

    name: str
    tonnes: int
    serves: Callable[[Units], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Who gets what (预留结果).

    Attributes:
        taken: Whole tonnes by name of the claim and class.
        left: What no claim took, by class in the order of age.
    """

    taken: dict[str, dict[int, int]]
    left: tuple[Units, ...]

    def total(self, name: str) -> int:
        """Whole tonnes set aside for a claim."""
        return sum(self.taken[name].values())


def set_aside(units: Sequence[Units], claims: Sequence[Claim]) -> SetAside:
    """Serve claims in their order from units, oldest vintage first, then by number of the class."""
    pool = {
        each.class_id: each for each in sorted(units, key=lambda one: (one.vintage, one.class_id))
    }
    taken: dict[str, dict[int, int]] = {}
    for claim in claims:
        missing, served = claim.tonnes, dict[int, int]()
        for class_id, each in pool.items():
            used = min(missing, each.tonnes) if claim.serves(each) else 0
            if used:
                pool[class_id] = Units(
                    class_id=class_id, vintage=each.vintage, tonnes=each.tonnes - used
                )
                served[class_id] = used
                missing -= used
        taken[claim.name] = served
    return SetAside(taken=taken, left=tuple(pool.values()))
