"""Allocation of a burden among products (methods.md 10, equations 3 and 4).

Shares are written with nine decimals and sum to exactly one, so that the burdens of the products
sum to exactly what was parted. Rejects bear nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trace_node.accounting.arithmetic import half_up, precise, total
from trace_node.accounting.footprint.errors import GenealogyError
from trace_node.accounting.footprint.words import Allocation

SHARE_PLACES: Final = 9
_STEP: Final = Decimal(1).scaleb(-SHARE_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One output as an allocation sees it.

    Attributes:
        batch: Its batch, for errors.
        mass: Tonnes, above 0.
        ncv: Net calorific value in GJ/t; None where it is not known.
        price: Yuan per tonne; None where it is not known.
        reject: Whether it is a reject (矸石、废料), which bears nothing.
    """

    batch: str
    mass: Decimal
    ncv: Decimal | None = None
    price: Decimal | None = None
    reject: bool = False


def allocate(products: Sequence[Product], basis: Allocation) -> tuple[Decimal, ...]:
    """The share of each product, in order; they sum to exactly 1.

    What rounding to nine decimals leaves over goes to the product with the largest share.

    Raises:
        GenealogyError: Nothing bears the burden, a product lacks what the basis is made of, or
            ``whole`` has to bear more than one.
    """
    weights = [Decimal(0) if each.reject else _weight(each, basis) for each in products]
    bearing = [weight for weight in weights if weight]
    if not bearing or (basis is Allocation.WHOLE and len(bearing) > 1):
        raise GenealogyError(
            "{field}: {basis} parts the burden among {count} products",
            field="allocation",
            basis=basis.value,
            count=len(bearing),
            remedy="whole is for one product; let at least one bear the burden",
            code="footprint.allocation",
        )
    sum_of_weights = total(bearing)
    with precise():
        shares = [half_up(weight / sum_of_weights, SHARE_PLACES) for weight in weights]
        largest = weights.index(max(weights))
        shares[largest] += 1 - sum(shares, Decimal(0))
    return tuple(shares)


def require_shares(
    products: Sequence[Product], basis: Allocation, shares: Sequence[Decimal]
) -> None:
    """Require stated shares to be those of the basis, and to sum to one.

    Raises:
        GenealogyError: They do not.
    """
    if total(shares) != 1:
        raise GenealogyError(
            "{field}: the shares sum to {found}, not to 1",
            field="outputs.share",
            found=f"{total(shares):f}",
            remedy="let the products bear all of the burden, rejects none",
            code="footprint.allocation.sum",
        )
    expected = allocate(products, basis)
    for product, share, due in zip(products, shares, expected, strict=True):
        if abs(share - due) > len(products) * _STEP:
            raise GenealogyError(
                "{field}: {batch} states the share {found}; by {basis} it is {due}",
                field="outputs.share",
                batch=product.batch,
                found=f"{share:f}",
                basis=basis.value,
                due=f"{due:f}",
                remedy="compute the shares by the basis that the event states",
                code="footprint.allocation.share",
            )


def _weight(product: Product, basis: Allocation) -> Decimal:
    factor: Decimal | None = Decimal(1)
    if basis is Allocation.ENERGY:
        factor = product.ncv
    elif basis is Allocation.VALUE:
        factor = product.price
    if factor is None or factor <= 0:
        raise GenealogyError(
            "{field}: {batch} states none, but the burden is parted by {basis}",
            field="outputs.ncv" if basis is Allocation.ENERGY else "outputs.price",
            batch=product.batch,
            basis=basis.value,
            remedy="state it above 0, or part the burden by mass",
            code="footprint.allocation.basis",
        )
    with precise():
        return product.mass * factor
