"""The board of an enterprise: what it owes, holds and lacks, year by year (碳能看板)."""
