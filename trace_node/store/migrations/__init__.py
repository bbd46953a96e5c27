"""Alembic migrations: the schema, step by step, on both engines."""
