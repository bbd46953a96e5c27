"""The PACT exchange on its own listener: HTTPS only, apart from the node's other interfaces."""
