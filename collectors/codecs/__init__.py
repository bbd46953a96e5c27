"""Codecs of the field protocols: pure functions between bytes and values."""
