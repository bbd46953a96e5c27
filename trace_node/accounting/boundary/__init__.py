"""What an enterprise accounts for: entity, units, industries, sources, meters, confirmed."""
