"""A boundary that a management platform configured, taken over by the enterprise (配置下载)."""

from collections.abc import Iterable

from trace_node.accounting.boundary.boundary import BOUNDARY, Boundary
from trace_node.accounting.boundary.errors import BoundaryError
from trace_node.accounting.records.releases import read_published
from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import OrganisationId


def read_boundary_package(
    raw: bytes, publishers: Iterable[PublicKey], *, organisation: OrganisationId
) -> Boundary:
    """Read a boundary that a publisher signed for an organisation.

    Args:
        raw: The bytes of a ``boundary@1``.
        publishers: Keys of those who may publish.
        organisation: Whose boundary it has to be.

    Raises:
        InputError: It is no such record, or its parts contradict each other.
        SignatureError: None of the publishers signed it, or the signature does not verify.
        BoundaryError: It is the boundary of another organisation.
    """
    content = read_published(raw, {BOUNDARY: Boundary}, publishers)
    assert isinstance(content, Boundary)  # noqa: S101 (the only type that was read)
    if content.organisation != organisation:
        raise BoundaryError(
            "{field}: the boundary {name} is that of {other}, not of {own}",
            field="organisation",
            name=content.name,
            other=content.organisation,
            own=organisation,
            remedy="take the boundary that was configured for this organisation",
            code="boundary.organisation",
        )
    return content
