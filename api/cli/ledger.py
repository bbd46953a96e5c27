"""``trace-node ledger``: the ledger of allowances and CCER.

The commands are in the modules imported here, which register them in the group.
"""

from api.cli import ledger_mirror, ledger_setup
from api.cli.ledger_group import group

__all__ = ["group", "ledger_mirror", "ledger_setup"]
