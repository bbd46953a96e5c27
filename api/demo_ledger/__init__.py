"""The show of the ledger: a compliance year of five enterprises, by the commands that a user has."""
