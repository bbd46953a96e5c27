"""Sign the delivery of a sequence of records with the collector's key."""

import os
from collections.abc import Sequence

from collectors.runtime.stored_delivery import Sign
from trace_node.crypto.signer import Signer
from trace_node.ids import Origin
from trace_node.metering.records.delivery import Delivery, build_delivery
from trace_node.record.fields import SALT_BYTES
from trace_node.tlog.compact_range import CompactRange
from trace_node.tlog.hasher import SM3


def delivery_signer(signer: Signer, *, origin: Origin) -> Sign:
    """The function that builds signed deliveries to the log of ``origin``.

    It takes the digest of a context and the digests of the records, which are their leaf hashes.
    """

    def sign(context: bytes, digests: Sequence[bytes]) -> bytes:
        tree = CompactRange(hasher=SM3)
        tree.extend(list(digests))
        return build_delivery(
            Delivery(
                salt=os.urandom(SALT_BYTES),
                origin=origin,
                collector=signer.public.key_id,
                context=context,
                count=len(digests),
                root=tree.root(),
            ),
            signer=signer,
        )

    return sign
