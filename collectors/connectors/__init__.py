"""Connectors: the only code that touches a field bus."""
