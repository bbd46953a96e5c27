"""Adapters to EVM chains: what is anchored, sent and followed."""
