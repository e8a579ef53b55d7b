"""Alembic's entry: it only ever writes scripts, which our own connections run."""

from alembic import context

context.configure(
    dialect_name=context.config.attributes["dialect"],
    output_buffer=context.config.output_buffer,
    transactional_ddl=False,
)
context.run_migrations()
