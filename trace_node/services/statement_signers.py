"""Under which key a statement has to verify: the rule of intake and check alike."""

from collections.abc import Mapping

from trace_node.accounting.records.signer_trust import SignerTrust
from trace_node.accounting.statements import is_managed, may_sign
from trace_node.crypto.sm2 import PublicKey
from trace_node.ids import KeyId
from trace_node.ports.registry import EnrolledKey
from trace_node.quota.records.signers import own_key
from trace_node.record.statement import Statement
from trace_node.services.enrolled import public_key
from trace_node.services.statement_types import spoken_for

NODE_USAGE = "node"


def statement_key(
    statement: Statement,
    *,
    authorities: Mapping[KeyId, PublicKey],
    node: EnrolledKey | None,
    trust: SignerTrust | None = None,
) -> PublicKey | None:
    """The key of a statement (声明签名密钥); None where the one it names may not state this.

    Args:
        statement: The statement.
        authorities: Keys of the trust root that may state anything but a binding.
        node: The key it names, if that was enrolled as a node's at its time.
        trust: What the log says last of that key as the one of a publisher or laboratory.
    """
    own = own_key(statement.content)
    if own is not None:
        return own
    authority = authorities.get(statement.signed_by)
    if authority is not None:
        return authority
    if trust is not None and may_sign(statement.content, trust):
        return trust.key
    if node is None or is_managed(statement.content):
        return None
    whose = spoken_for(statement.content)
    return public_key(node.point) if whose is None or node.organisation == whose else None
