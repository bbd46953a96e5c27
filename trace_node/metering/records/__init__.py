"""Records: the exact bytes that are hashed, and the only definition of what they mean.

One file a family of records; ``parse`` reads any of them, ``chained`` reads those of device chains
quickly, ``wire`` frames a delivery. The byte-exact specification is docs/spec/records.md.
"""
