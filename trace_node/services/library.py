"""The libraries of a node: what came with the program, and what the log added to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from trace_node.accounting.errors import CaseError, FactorUnusableError, MethodNotFoundError
from trace_node.accounting.factors.factor_file import packaged_factors
from trace_node.accounting.factors.library import FactorLibrary
from trace_node.accounting.factors.row import FactorRow, FactorStatus
from trace_node.accounting.methods.approvals import Approvals
from trace_node.accounting.methods.method import Method
from trace_node.accounting.methods.method_form import read_method
from trace_node.accounting.methods.method_library import MethodLibrary, packaged_methods
from trace_node.accounting.records.approvals import (
    FACTOR_APPROVAL,
    TERM_APPROVAL,
    approvals_of,
)
from trace_node.accounting.records.factor_entry import FACTOR_ENTRY, FactorEntry
from trace_node.accounting.records.releases import (
    FACTOR_RELEASE,
    METHOD_RELEASE,
    FactorRelease,
    MethodRelease,
)
from trace_node.accounting.records.signer_trust import SIGNER_TRUST, SignerRole, SignerTrust
from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import OrganisationId
from trace_node.ports.store import UnitOfWork
from trace_node.services.statement_leaves import Leaf, leaves
from trace_node.services.statement_types import parse_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFactor:
    """A factor and how it stands for an organisation.

    Attributes:
        row: The row.
        status: Its status in the library; a draft that was approved is still a draft.
        approval: Leaf of the newest approval of exactly this row; None without.
        leaf: Leaf in which the organisation entered it; None of a row of the package.
    """

    row: FactorRow
    status: str
    approval: int | None
    leaf: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMethod:
    """A method and where it is from.

    Attributes:
        method: The method.
        leaf: Leaf of its release; None where it came with the program and was never released.
    """

    method: Method
    leaf: int | None


def factor_library(view: UnitOfWork, *, organisation: OrganisationId) -> FactorLibrary:
    """The factors of the package, and those the organisation entered itself."""
    return _with_own(
        each.row for each in entered_factors(view) if each.organisation == organisation
    )


def factors_of_log(view: UnitOfWork) -> FactorLibrary:
    """The factors of the package, and those anybody entered: for rows that are named by digest.

    An id means one row in a log (``accounting_intake``), so there is one of each.
    """
    return _with_own({each.row.digest: each.row for each in entered_factors(view)}.values())


def entered_factors(view: UnitOfWork) -> Iterable[FactorEntry]:
    """Every factor that an organisation entered itself."""
    return (entry for entry, _leaf in _entries(view))


def known_factors(view: UnitOfWork, *, organisation: OrganisationId) -> Sequence[KnownFactor]:
    """Every factor with its approval, sorted by id."""
    library = factor_library(view, organisation=organisation)
    places = own_rows(view, organisation=organisation)
    approved = approvals(view, organisation=organisation).rows
    return [
        KnownFactor(
            row=row,
            status=library.status_of(row).value,
            approval=leaf_of_act(approved[row.digest]) if row.digest in approved else None,
            leaf=places.get(row.digest),
        )
        for row in sorted(library, key=lambda one: one.id)
    ]


def factor_to_approve(view: UnitOfWork, row_id: str, *, organisation: OrganisationId) -> FactorRow:
    """The draft of this id.

    Raises:
        FactorNotFoundError: There is no such factor.
        FactorUnusableError: It is no draft: an active one needs no approval, others get none.
    """
    library = factor_library(view, organisation=organisation)
    row = library.row(row_id)
    status = library.status_of(row)
    if status is not FactorStatus.DRAFT:
        raise FactorUnusableError(
            "{row}: is {status}, and only drafts are approved",
            field="row",
            row=row.id,
            status=status.value,
            remedy="an active factor needs no approval; superseded and forbidden ones get none",
            code="accounting.factor.status",
        )
    return row


def term_to_approve(view: UnitOfWork, ref: str, step: str) -> Method:
    """The method of this name, whose step needs an approval.

    Raises:
        MethodNotFoundError: There is no such method.
        CaseError: It has no such step, or one whose text is confirmed.
    """
    method = known_method(view, ref).method
    found = method.steps.get(step)
    if found is None or not found.mark.needs_approval:
        unconfirmed = [one.id for one in method.steps.values() if one.mark.needs_approval]
        raise CaseError(
            "{field}: {method} has no unconfirmed term {step}; it has {known}",
            field="step",
            method=ref[:90],
            step=step[:60],
            known=", ".join(unconfirmed) or "none",
            remedy="name one that is marked L, U or P",
            code="accounting.approval.step",
        )
    return method


def approvals(view: UnitOfWork, *, organisation: OrganisationId) -> Approvals:
    """The approvals of an organisation, each named by its leaf."""
    acts = [
        (act_name(leaf.logged.index), leaf.content)
        for kind in (FACTOR_APPROVAL, TERM_APPROVAL)
        for leaf in leaves(view, kind)
    ]
    return approvals_of(acts, organisation=organisation)


def act_name(index: int) -> str:
    """How a result names the leaf of an approval."""
    return f"leaf {index}"


def leaf_of_act(name: str) -> int:
    """The leaf that ``act_name`` names."""
    return int(name.removeprefix("leaf "))


def own_rows(view: UnitOfWork, *, organisation: OrganisationId) -> dict[bytes, int]:
    """The leaf of each factor that the organisation entered itself, by the digest of the row."""
    return {
        entry.row.digest: leaf
        for entry, leaf in _entries(view)
        if entry.organisation == organisation
    }


def method_library(view: UnitOfWork) -> MethodLibrary:
    """The methods of the package, and those that were released in this log.

    Raises:
        LibraryFileError: A released version is another than that of the package.
    """
    released = [_released(leaf)[0] for leaf in leaves(view, METHOD_RELEASE)]
    return MethodLibrary((*packaged_methods(), *released)) if released else packaged_methods()


def known_methods(view: UnitOfWork) -> Sequence[KnownMethod]:
    """Every version of every method, sorted by name; versions of the past stay for ever.

    Raises:
        LibraryFileError: A released version is another than that of the package.
    """
    released = [_released(leaf) for leaf in leaves(view, METHOD_RELEASE)]
    places = {method.ref: index for method, index in released}
    library = MethodLibrary((*packaged_methods(), *(method for method, _index in released)))
    return [
        KnownMethod(method=method, leaf=places.get(method.ref))
        for method in sorted(library, key=lambda one: (one.id, one.version))
    ]


def known_method(view: UnitOfWork, ref: str) -> KnownMethod:
    """One method by ``id@version``.

    Raises:
        MethodNotFoundError: There is none.
    """
    for known in known_methods(view):
        if known.method.ref == ref:
            return known
    raise MethodNotFoundError(
        "there is no method {method}",
        field="method",
        method=ref[:90],
        remedy="load its package, or use one of the library",
    )


def package_of(view: UnitOfWork, ref: str) -> bytes:
    """The signed package of a method: the bytes of its release.

    Raises:
        MethodNotFoundError: It was not released here.
    """
    for leaf in leaves(view, METHOD_RELEASE, topic=ref):
        return leaf.body
    raise MethodNotFoundError(
        "the method {method} was not released in this log",
        field="method",
        method=ref[:90],
        remedy="publish it first: trace-node method publish",
        code="accounting.method.unreleased",
    )


def trusted_publishers(view: UnitOfWork) -> Sequence[PublicKey]:
    """The keys that the log trusts as publishers'."""
    newest: dict[str, SignerTrust] = {}
    for leaf in leaves(view, SIGNER_TRUST):
        if isinstance(leaf.content, SignerTrust):
            newest[leaf.content.topic] = leaf.content
    return [
        trust.key
        for trust in newest.values()
        if trust.trusted and trust.role is SignerRole.PUBLISHER
    ]


def newest_release(view: UnitOfWork) -> FactorRelease | None:
    """The release of factors that counts; None before the first."""
    found = [leaf.content for leaf in leaves(view, FACTOR_RELEASE)]
    last = found[-1] if found else None
    return last if isinstance(last, FactorRelease) else None


def _entries(view: UnitOfWork) -> list[tuple[FactorEntry, int]]:
    return [
        (leaf.content, leaf.logged.index)
        for leaf in leaves(view, FACTOR_ENTRY)
        if isinstance(leaf.content, FactorEntry)
    ]


def _with_own(rows: Iterable[FactorRow]) -> FactorLibrary:
    own = tuple(rows)
    return FactorLibrary((*packaged_factors(), *own)) if own else packaged_factors()


def _released(leaf: Leaf) -> tuple[Method, int]:
    return _method_of(leaf.body), leaf.logged.index


@lru_cache(maxsize=256)
def _method_of(body: bytes) -> Method:
    """The method of a release; its units are checked once in a process."""
    release = parse_statement(body).content
    assert isinstance(release, MethodRelease)  # noqa: S101 (leaves of that kind only)
    return read_method(release.definition, place=release.method)
