"""The show of the ledger: a compliance year of five enterprises, by a user's own commands."""
