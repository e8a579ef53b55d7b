"""Digests and seals of the audit log, and refusals in it.

Rows from before have no digest: the server's first upkeep gives them one, as they are then.
"""

from alembic import context, op

from gatepost.storage.migrations.dialect import in_dialect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CHANGES = """
ALTER TABLE audit_log ADD COLUMN refusal text
;;
ALTER TABLE audit_log ADD COLUMN api_code bigint
;;
ALTER TABLE audit_log ADD COLUMN times bigint NOT NULL DEFAULT 1
;;
ALTER TABLE audit_log ADD COLUMN salt text
;;
ALTER TABLE audit_log ADD COLUMN personal text
;;
ALTER TABLE audit_log ADD COLUMN key_id text
;;
ALTER TABLE audit_log ADD COLUMN digest text
;;
ALTER TABLE audit_log ADD COLUMN seal bigint
;;
CREATE INDEX audit_log_by_seal ON audit_log (seal, id)
;;
CREATE TABLE audit_seals (
    number bigint NOT NULL PRIMARY KEY,
    sealed_at bigint NOT NULL,
    settled_at bigint NOT NULL,
    row_count bigint NOT NULL,
    rows_digest text NOT NULL,
    erased text NOT NULL,
    previous text NOT NULL,
    key_id text NOT NULL,
    digest text NOT NULL
)
;;
CREATE TABLE audit_chain (
    id bigint NOT NULL PRIMARY KEY,
    seals bigint NOT NULL,
    last_digest text NOT NULL,
    sealed_at bigint NOT NULL,
    settled_at bigint NOT NULL,
    emptied bigint NOT NULL,
    erased bigint NOT NULL,
    adopted bigint NOT NULL,
    key_id text NOT NULL,
    digest text NOT NULL
)
"""


def upgrade() -> None:
    """Make everything."""
    for statement in _CHANGES.split(";;"):
        op.execute(in_dialect(statement.strip(), context.get_context().dialect.name))
