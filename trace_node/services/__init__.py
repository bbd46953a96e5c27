"""The verbs of the product: one module a use case."""
