"""The ledger of allowances and CCER as its contracts tell it: kinds, orders, events (配额账本)."""
