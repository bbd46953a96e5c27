"""The signature of the enterprise that takes batches over."""

from collections.abc import Sequence

from trace_node.accounting.footprint.batch_event import BatchEvent
from trace_node.crypto.errors import SignatureError
from trace_node.errors import AccessError
from trace_node.record.statement import Content, Statement
from trace_node.services.enrolled import Enrolled, public_key
from trace_node.services.statement_signers import NODE_USAGE
from trace_node.tlog.bundle_errors import EvidenceError
from trace_node.tlog.trust_root_form import TrustedKey


class ReceiverError(AccessError):
    """The hand-over is not signed by a node of the enterprise that it names."""

    code = "access.receiver"


def require_receiver(statement: Statement, enrolled: Enrolled) -> None:
    """Require a hand-over to be countersigned by an enrolled node of the receiver.

    Raises:
        ReceiverError: The key is not one of its nodes.
        SignatureError: The signature does not verify.
    """
    event = statement.content
    if not isinstance(event, BatchEvent) or event.hand_over is None:
        return
    over = event.hand_over
    node = enrolled.key(over.key, usage=NODE_USAGE, at=statement.stated_at)
    if node is None or node.organisation != over.receiver:
        raise ReceiverError(
            "{field}: {key} is no enrolled node of {receiver}",
            field="hand_over",
            key=over.key,
            receiver=over.receiver,
            remedy="let a node of the receiver sign, and enrol its key in this log",
        )
    try:
        event.verify_receiver(public_key(node.point))
    except SignatureError as error:
        raise SignatureError(
            "{field}: {receiver} signed another event than this one",
            field="hand_over",
            receiver=over.receiver,
            remedy="let it sign the event as it is now",
            code="integrity.signature.receiver",
        ) from error


def require_handed_over(content: Content, keys: Sequence[TrustedKey], *, field: str) -> None:
    """Require a hand-over to be countersigned by a node key that a trust root names.

    For whoever has a file and no log: other contents pass.

    Raises:
        EvidenceError: The trust root does not name the receiver's key.
        SignatureError: The signature does not verify.
    """
    if not isinstance(content, BatchEvent) or content.hand_over is None:
        return
    for key in keys:
        if key.public.key_id == content.hand_over.key:
            content.verify_receiver(key.public)
            return
    raise EvidenceError(
        "{field}: handed over to {receiver} by the key {key}, which the trust root does not name",
        field=field,
        receiver=content.hand_over.receiver,
        key=content.hand_over.key,
        remedy="get the newest trust root from its owner, with the nodes of all enterprises",
        code="emission.receiver",
    )
