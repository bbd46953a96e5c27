"""A collector with a new key signs anew what the old one signed and a destination does not have.

Under the old key, if that was revoked, nothing is taken any more. The records stay as they are.
"""

from collectors.runtime.outbox import Outbox
from collectors.runtime.stored_delivery import Sign, StoredDelivery
from trace_node.ids import KeyId
from trace_node.metering.records.delivery import parse_delivery
from trace_node.metering.records.digests import record_digest


def sign_anew(
    delivery: StoredDelivery, outbox: Outbox, sign: Sign, *, collector: KeyId
) -> StoredDelivery:
    """The delivery as the present key signs it; the same if that did already.

    Args:
        delivery: A delivery that its destination does not have.
        outbox: Keeps it.
        sign: Builds the signed delivery records.
        collector: Id of the key that ``sign`` signs with.
    """
    if parse_delivery(delivery.body).collector == collector:
        return delivery
    context, records = outbox.contents(delivery)
    body = sign(record_digest(context), [record_digest(record) for record in records])
    return outbox.signed_anew(delivery, body)
