"""Ids under which the RuleBook keeps the admission of a class."""

from typing import Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

_WORD: Final = "admissible"


def admission_rule(class_id: int) -> bytes:
    """What ``RuleBook.admissionRule`` computes: keccak256(abi.encode("admissible", class id)).

    Args:
        class_id: Number of the class on the chain, below 2^32.
    """
    return keccak(encode(["string", "uint32"], [_WORD, class_id]))
