"""Errors of orders before they reach a chain.

* InputError
  + OrderFileError       an order file, or what is to go into one, breaks a rule
  |   + AmountError      an amount that is no whole number of tonnes, or out of range
* ConflictError
  + OrderConflictError   the order contradicts one with the same id, or the ledger it is for
* AccessError
  + OrderSignatureError  a signature is missing, or not of who is said to have signed
"""

from typing import ClassVar

from trace_node.errors import AccessError, ConflictError, InputError


class OrderFileError(InputError):
    """An order file, or what is to go into one, breaks a rule; nothing of it is used."""

    code: ClassVar[str] = "order.file"


class AmountError(OrderFileError):
    """An amount is no whole number of tonnes, or out of range."""

    code: ClassVar[str] = "order.amount"


class OrderConflictError(ConflictError):
    """The order contradicts one with the same id, or the ledger it is handed to."""

    code: ClassVar[str] = "order.conflict"


class OrderSignatureError(AccessError):
    """A signature is missing, or not of who is said to have signed."""

    code: ClassVar[str] = "order.signature"
