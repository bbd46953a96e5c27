"""What the ledger's contracts refuse, in words: one table, in four files by what is wrong."""
