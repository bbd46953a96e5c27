"""SQL: tables, migrations, repositories and the unit of work."""
