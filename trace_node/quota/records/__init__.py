"""Statements: records in which the node or an organisation puts facts of the market on record.

One file a type; ``statement`` holds what all share, ``parse`` reads any of them, ``signers`` says
who may make one. The byte-exact specification is in docs/spec/statements.md.
"""
