"""The trust root that lies in the home folder."""

from api.home import Home
from trace_node.tlog.trust_root import SignedTrustRoot, parse_trust_root


def stored_trust_root(home: Home) -> SignedTrustRoot | None:
    """The trust root in the home folder; None before the first start.

    Raises:
        TraceNodeError: The file is damaged.
    """
    if not home.trust_root.is_file():
        return None
    return parse_trust_root(home.trust_root.read_bytes())
