"""Metering: meters, readings, increments, roll-ups and the records that are hashed."""
