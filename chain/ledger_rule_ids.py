"""Ids of the ledger's rules, as its contracts make them."""

from chain.addresses import keccak256
from chain.rpc_values import word

_NAME = b"admissible"


def admission_rule(class_id: int) -> bytes:
    """The 32-byte id of the rule that says how a class may serve a year.

    keccak256(abi.encode("admissible", classId)), as ``RuleBook.admissionRule`` computes it.
    """
    head = word(2 * 32) + word(class_id)  # where the text begins, and the number
    return keccak256(head + word(len(_NAME)) + _NAME.ljust(32, b"\0"))
