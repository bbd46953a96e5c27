"""Adapters to EVM chains: what is anchored, sent and followed."""

from trace_node.crypto.nesting import bound_nesting

bound_nesting()  # py-evm and eth-account, which modules below this import, bring in py_ecc
