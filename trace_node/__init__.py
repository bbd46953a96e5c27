"""The core: domains, services and store of a node that makes carbon data checkable."""

__version__ = "0.1.0"
