"""Return codes of the boards and of what is stated for them; see ``api.return_codes``."""

from types import MappingProxyType
from typing import Final

BOARD_REASONS: Final = MappingProxyType(
    {
        # 2 03 what is wrong with a statement, a question or a plan
        "statement.log": "203201",
        "record.period": "203203",
        "record.period.open": "203204",
        "record.period.verified": "203205",
        "record.tonnes": "203206",
        "record.tonnes.whole": "203207",
        "quota.input": "203208",
        "board.input": "203210",
        "board.input.text": "203211",
        "board.plan": "203220",
        "board.plan.year": "203221",
        "board.plan.note": "203222",
        "board.plan.month": "203223",
        "board.plan.tonnes": "203224",
        "board.plan.twice": "203225",
        "board.faults": "203230",
        # 3 03 business data
        "not_found.board": "303200",
        "board.unknown": "303201",
        "board.unknown.organisation": "303202",
        "board.unknown.alert": "303203",
        "board.unknown.plan": "303204",
        "board.conflict": "303210",
        "board.conflict.acknowledged": "303211",
        "board.conflict.plan": "303212",
        "quota.rule.unknown": "303220",
        "quota.rule.not_in_force": "303221",
        "board.rules": "303222",
    }
)
