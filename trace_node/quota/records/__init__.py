"""Statements: records in which the node or an organisation puts facts of the market on record.

One file a type; what all share is in ``trace_node.record.statement``, ``parse`` reads any of them,
``signers`` says who may make one. The byte-exact specification is in docs/spec/statements.md.
"""
