"""Take addresses of an operator's file apart without trusting them."""

from urllib.parse import SplitResult, urlsplit


def split_url(text: str) -> SplitResult | None:
    """The parts of a URL whose port, if it names one, can be used; None if it is none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # brackets that do not close, a port above 65535
        return None
    return None if port == 0 else parts
