"""What every record shares, whatever domain it belongs to: its fields, its bytes, its signature.

The byte-exact specification is docs/spec/records.md.
"""
