"""The factor library: immutable rows, asked by method, kind, substance, region, date and basis."""
