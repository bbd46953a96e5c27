"""What an order does and who signs it, in words that a signer reads."""

from types import MappingProxyType
from typing import Final

from api.i18n import of_environment, translations


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is shown."""
    return text


KINDS: Final = MappingProxyType(
    {
        "REGISTER_CLASS": _("register a class of units"),
        "PRE_ALLOCATE": _("allocate in advance"),
        "ISSUE": _("issue"),
        "ALLOCATE": _("hand out of an account of the authority"),
        "CLAW_BACK": _("take back what was allocated too much"),
        "SETTLE_ARREAR": _("give back what is owed"),
        "LISTED": _("listed agreement"),
        "BLOCK": _("block agreement"),
        "AUCTION": _("one-way auction"),
        "PRIMARY_AUCTION": _("auction of the authority"),
        "SET_COUNTERPARTY": _("change the list of counterparties"),
        "MOVE": _("move between registry and trading"),
        "FREEZE": _("freeze"),
        "UNFREEZE": _("unfreeze"),
        "PLEDGE": _("pledge"),
        "UNPLEDGE": _("release a pledge"),
        "SURRENDER": _("surrender"),
        "FORCED_SURRENDER": _("surrender by the province"),
        "OFFSET_FREEZE": _("freeze CCER for an offset"),
        "OFFSET_PENDING": _("set CCER pending for an offset"),
        "OFFSET_USE": _("use CCER for compliance"),
        "OFFSET_CANCEL": _("cancel used CCER"),
        "OFFSET_RELEASE": _("release CCER from an offset"),
        "CANCEL": _("cancel for a beneficiary"),
        "CARRY_OVER": _("carry over"),
        "CORRECT_MOVE": _("correct by the registry: move"),
        "CORRECT_REMOVE": _("correct by the registry: remove"),
        "CORRECT_RESTORE": _("correct by the registry: restore"),
        "CLOSE_LEDGER": _("close the ledger"),
    }
)
_OTHERS: Final = MappingProxyType(
    {
        "key": _("a key of the account"),
        "key of to": _("a key of the account that receives"),
        "regulator": _("a regulator"),
        "registry": _("an officer of the registry"),
        "exchange": _("an officer of the exchange"),
        "order": _("order"),
        "approval": _("approval"),
        "cancellation": _("cancellation"),
        "class": _("class"),
        "obligation": _("obligation"),
        "arrear": _("arrear"),
        "place": _("place"),
        "instrument": _("instrument"),
    }
)


def kind_shown(name: str) -> str:
    """A kind by its name, which commands take, and by what it does."""
    return f"{name} ({translations(of_environment()).gettext(KINDS[name])})"


def word_shown(word: str) -> str:
    """Who signs, what a signature says, or what a subject is, in the reader's language."""
    return translations(of_environment()).gettext(_OTHERS[word])
