"""Emission that follows a use of energy (按能源数据预测): KSSJ/YY25-2023 7.1.2 b.

The energy of months ahead is foretold by a method, and times the tonnes for each unit of it over
the last twelve months that both are known of. All of that is taken from before the first month
ahead, so that a trial on the past knows no more than was known then.
"""

from collections.abc import Sequence
from decimal import Decimal

from trace_node.accounting.arithmetic import precise
from trace_node.accounting.outlook.back_test import Foretell
from trace_node.accounting.outlook.errors import OutlookError
from trace_node.accounting.outlook.series import MONTHS_OF_A_YEAR, Series, before, sum_of


def tonnes_per_energy(history: Series, energy: Series, *, name: str) -> Decimal:
    """Tonnes for each unit of an energy, over the last twelve months that both are known of.

    Raises:
        OutlookError: There is no such month, or the energy of all of them is 0.
    """
    both = sorted(energy.keys() & history.keys())[-MONTHS_OF_A_YEAR:]
    used = sum_of(energy, both)
    if not both or used <= 0:
        raise OutlookError(
            "{field}: {name} has no month in common with the emission",
            field="energy",
            name=name,
            remedy="name an energy use of the boundary that is measured month by month",
            code="outlook.energy",
        )
    with precise():
        return sum_of(history, both) / used


def by_energy(energy: Series, foretell: Foretell, *, name: str) -> Foretell:
    """A method that foretells the energy in place of the emission.

    Args:
        energy: The energy by months; those from the first month ahead on are not looked at.
        foretell: How the energy is foretold.
        name: Name of the energy, for errors.

    Returns:
        A method that refuses, with an ``OutlookError``, where ``foretell`` does or where energy and
        emission have no month in common.
    """

    def emission(history: Series, ahead: Sequence[int]) -> dict[int, Decimal]:
        known = before(energy, ahead[0])
        share = tonnes_per_energy(history, known, name=name)
        with precise():
            return {month: value * share for month, value in foretell(known, ahead).items()}

    return emission
