"""The form of an imported statement: which rows and columns it has, in English ids and Chinese.

A template written by ``trace-node registry template`` has exactly this form; the ids decide, the
Chinese row below them is for people.
"""

from types import MappingProxyType
from typing import Final

FORMAT: Final = "1"
ALLOWANCE: Final = "allowance"
CCER: Final = "ccer"
HOLDINGS: Final = "holdings"
TRANSACTIONS: Final = "transactions"
REGISTRIES: Final = (ALLOWANCE, CCER)
KINDS: Final = (HOLDINGS, TRANSACTIONS)
NOTES: Final = "notes"

HEAD: Final = MappingProxyType(
    {
        "format": "格式版本",
        "registry": "登记系统：allowance 全国碳排放权，ccer 自愿减排",
        "kind": "报表类型：holdings 持仓，transactions 业务明细",
        "account_no": "登记账户号",
        "statement_no": "报表编号",
        "as_of": "截至时间（北京时间）",
    }
)
COLUMNS: Final = MappingProxyType(
    {
        HOLDINGS: MappingProxyType(
            {
                "product": "产品代码",
                "place": "位置",
                "serial_from": "起始序列号",
                "serial_to": "终止序列号",
                "quantity": "数量（吨）",
            }
        ),
        TRANSACTIONS: MappingProxyType(
            {
                "number": "业务编号",
                "operation": "业务类型",
                "date": "日期",
                "product": "产品代码",
                "serial_from": "起始序列号",
                "serial_to": "终止序列号",
                "quantity": "数量（吨）",
                "counterparty": "对方账户",
                "price": "成交价（元/吨）",
            }
        ),
    }
)
PLACES: Final = MappingProxyType(
    {"registry": "登记可用", "trading": "交易可用", "frozen": "冻结", "pending": "待处理"}
)
OPERATIONS: Final = MappingProxyType(
    {
        "issue": "发放",
        "transfer_in": "转入",
        "transfer_out": "转出",
        "move": "登记与交易持仓划转",
        "freeze": "冻结",
        "unfreeze": "解冻",
        "pledge": "质押",
        "unpledge": "解除质押",
        "surrender": "清缴",
        "offset_freeze": "抵销冻结",
        "offset_pending": "待抵销",
        "offset_use": "抵销使用",
        "offset_release": "抵销释放",
        "cancel": "注销",
        "claw_back": "收回",
        "carry_over": "结转",
    }
)


def template_rows(registry: str, kind: str) -> list[list[str]]:
    """The rows of an empty statement."""
    values = {"format": FORMAT, "registry": registry, "kind": kind}
    head = [[name, title, values.get(name, "")] for name, title in HEAD.items()]
    columns = COLUMNS[kind]
    return [*head, [], list(columns), list(columns.values())]


def notes(kind: str) -> list[list[str]]:
    """What the second sheet of a template says to people."""
    words = PLACES if kind == HOLDINGS else OPERATIONS
    column = "place" if kind == HOLDINGS else "operation"
    rules = [
        ["国家登记系统是权属的法律依据；本文件用于与本节点账本核对。"],
        ["数量为整数吨，等于终止序列号减起始序列号加一；不得使用公式、宏或小数。"],
        ["时间格式 2026-01-31 23:59:59，日期格式 2026-01-31；成交价最多四位小数，可留空。"],
        [f"{column} 取值："],
    ]
    return [*rules, *([word, title] for word, title in words.items())]
