"""Protocols the services need from the outside; adapters implement them."""
