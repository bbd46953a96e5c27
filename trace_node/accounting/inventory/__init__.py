"""From the values of a boundary to the case of its method, and from results to inventories."""
