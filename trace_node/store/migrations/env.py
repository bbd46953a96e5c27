"""Alembic's environment: runs on the connection that ``trace_node.store.schema`` hands in."""

from alembic import context

from trace_node.store.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    compare_type=True,
    transactional_ddl=True,  # SQLite too, as its transactions are opened by us
)
with context.begin_transaction():
    context.run_migrations()
