"""Statements of the national registries, and the ledger compared with them (登记系统报表对账).

The registries are the legal record: where they differ, the ledger is corrected, never they.
"""
