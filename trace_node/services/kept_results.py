"""Results behind emission records: as kept, or computed again where a restore left none."""

from trace_node.ports.store import Store
from trace_node.services.prove_emission import Figures, figures_of_log


class KeptResults:
    """Reads canonical results.

    Args:
        store: The log.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._figures: Figures | None = None

    def canonical(self, index: int) -> bytes:
        """The canonical result of the emission record at a leaf.

        Raises:
            RecomputeError: It was not kept, and does not come out again.
        """
        with self._store.view() as view:
            logged = view.accounting.at(index)
            kept = None if logged is None else view.accounting.result(logged.result)
        if kept is not None:
            return kept
        self._figures = self._figures or figures_of_log(self._store)
        return self._figures.recompute(index).result.canonical
