"""What figures of an organisation are computed by: its factors, methods and approvals."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.methods.approvals import Approvals
from trace_node.accounting.methods.method_library import MethodLibrary, packaged_methods
from trace_node.accounting.records.releases import METHOD_RELEASE
from trace_node.ids import OrganisationId
from trace_node.ports.store import UnitOfWork
from trace_node.services.factor_release import release_tree
from trace_node.services.library import approvals, factor_library, method_library, own_rows
from trace_node.services.signer_trust import leaf_with_trust


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLibraries:
    """The libraries of an organisation (核算依据库).

    Attributes:
        factors: Those of the package and its own.
        methods: Those of the package and those that were released in the log.
        release_root: Root of the release that the package is; own factors stand in their leaves.
        own_rows: The leaf of each own factor, by the digest of its row.
        approvals: What it approved.
        method_leaves: Of each method that did not come with the program the leaves that show who
            released it: its release, and where a publisher signed it the trust in that key.
    """

    factors: FactorLibrary
    methods: MethodLibrary
    release_root: bytes
    own_rows: Mapping[bytes, int]
    approvals: Approvals
    method_leaves: Mapping[str, tuple[int, ...]]


def account_libraries(view: UnitOfWork, *, organisation: OrganisationId) -> AccountLibraries:
    """The libraries as the log has them now.

    Raises:
        LibraryFileError: A released method is another than that of the package.
    """
    packaged = {method.ref for method in packaged_methods()}
    methods = method_library(view)
    fetched = [method.ref for method in methods if method.ref not in packaged]
    return AccountLibraries(
        factors=factor_library(view, organisation=organisation),
        methods=methods,
        release_root=packaged_root(),
        own_rows=own_rows(view, organisation=organisation),
        approvals=approvals(view, organisation=organisation),
        method_leaves={ref: _release_leaves(view, ref) for ref in fetched},
    )


@cache
def packaged_root() -> bytes:
    """The root of the tree over the factors that came with the program."""
    return release_tree(packaged_factors()).root()


def _release_leaves(view: UnitOfWork, ref: str) -> tuple[int, ...]:
    release = view.statements.newest(METHOD_RELEASE, ref)
    assert release is not None  # noqa: S101 (the library has it from its release)
    return leaf_with_trust(view, release.index)
