"""Adapters to meters and field protocols: how a reading enters."""
