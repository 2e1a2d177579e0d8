"""The truth: engine, unit of work, base table, migrations, blobs; the differences between SQLite and PostgreSQL."""
