"""Where the figures of a bought batch come from: a bundle, a PACT answer, or nowhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trace_node.errors import InputError

if TYPE_CHECKING:
    from api.cli.stating import Desk
    from trace_node.services.supplier_input import Supply

MAX_BUNDLE: Final = 64 * 1024 * 1024
MAX_TRUST_ROOT: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What was named on the command line.

    Attributes:
        bundle: File of the supplier's bundle.
        trust_root: File of the supplier's trust root.
        pact: Number of a PACT answer.
        footprint: Id of the footprint in it.
    """

    bundle: Path | None
    trust_root: Path | None
    pact: int | None
    footprint: str | None


def supply_from(form: "dict[str, Any]", documents: Documents, desk: "Desk") -> "Supply":
    """The bought batch of a form with the figures of what was named.

    Raises:
        InputError: The options contradict each other, or the document or the form breaks a rule.
    """
    from api.cli.examine import read_bounded
    from trace_node.clock import SystemClock
    from trace_node.services import supplier_input
    from trace_node.services.verify_against import Against

    bundle, trust_root = documents.bundle, documents.trust_root
    both = bundle is not None and documents.pact is not None
    if both or (bundle is None) != (trust_root is None):
        raise InputError(
            "{field}: give a bundle with its trust root, or the number of a PACT answer",
            field="--bundle" if both else "--trust-root",
            remedy="leave both out where the supplier told nothing: the batch is a gap then",
            code="input.usage",
        )
    now, organisation = SystemClock().now(), desk.organisation
    if bundle is not None and trust_root is not None:
        against = Against(trust_root=read_bounded(trust_root, bound=MAX_TRUST_ROOT), now=now)
        raw = read_bounded(bundle, bound=MAX_BUNDLE)
        return supplier_input.supply_of_bundle(
            form, raw, against=against, organisation=organisation
        )
    if documents.pact is not None:
        sent = supplier_input.received_footprint(desk.store, documents.pact, documents.footprint)
        return supplier_input.supply_of_pact(form, sent, on=now, organisation=organisation)
    return supplier_input.supply_without_document(form, organisation=organisation)
