"""Alembic's environment, the same for every service: migrates over the connection that it is handed."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table="alembic_version",
    version_table_schema=attributes["schema"],
    # What one has changed is there for everybody before the next begins, and no lock is held for all of them.
    transaction_per_migration=True,
    on_version_apply=attributes["on_version_apply"],
)
with context.begin_transaction():
    context.run_migrations()
