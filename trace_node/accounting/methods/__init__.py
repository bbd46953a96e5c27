"""The method library: checked terms over typed symbols, and their evaluation to a graph."""
