"""Wire models of the exchange interface, one module a subject."""
