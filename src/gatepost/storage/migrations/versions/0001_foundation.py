"""Pools, apps, users, sessions, codes, limits, mail, keys and the audit log.

Instants are milliseconds since the epoch, UTC; flags are 0 or 1; ids are 24 hex digits.
"""

from alembic import context, op

from gatepost.storage.migrations.dialect import in_dialect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE server_keys (
    id text NOT NULL PRIMARY KEY,
    fingerprint text NOT NULL,
    first_used_at bigint NOT NULL
)
;;
CREATE TABLE signing_keys (
    id text NOT NULL PRIMARY KEY,
    purpose text NOT NULL,
    private_sealed text NOT NULL,
    created_at bigint NOT NULL,
    active_from bigint NOT NULL,
    published_until bigint
)
;;
CREATE TABLE user_pools (
    id text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    access_key_id text NOT NULL,
    access_key_digest text NOT NULL,
    access_key_sealed text NOT NULL,
    settings text NOT NULL,
    created_at bigint NOT NULL
)
;;
CREATE UNIQUE INDEX user_pools_access_key_id_unique ON user_pools (access_key_id)
;;
CREATE TABLE allowed_origins (
    origin text NOT NULL,
    user_pool_id text NOT NULL REFERENCES user_pools (id),
    PRIMARY KEY (origin, user_pool_id)
)
;;
CREATE TABLE applications (
    id text NOT NULL PRIMARY KEY,
    user_pool_id text NOT NULL REFERENCES user_pools (id),
    name text NOT NULL,
    client_auth text NOT NULL,
    secret_digest text NOT NULL,
    secret_sealed text NOT NULL,
    redirect_uris text NOT NULL,
    settings text NOT NULL,
    created_at bigint NOT NULL
)
;;
CREATE TABLE users (
    id text NOT NULL PRIMARY KEY,
    user_pool_id text NOT NULL REFERENCES user_pools (id),
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    status text NOT NULL,
    status_changed_at bigint,
    external_id text,
    username text,
    username_key text,
    email text,
    email_verified_at bigint,
    phone text,
    phone_country_code text,
    phone_verified_at bigint,
    password_hash text,
    password_set_at bigint,
    password_level bigint,
    language text,
    name text,
    nickname text,
    photo text,
    gender text NOT NULL,
    birthdate text,
    country text,
    province text,
    city text,
    address text,
    street_address text,
    postal_code text,
    region text,
    formatted text,
    company text,
    browser text,
    device text,
    given_name text,
    family_name text,
    middle_name text,
    profile text,
    preferred_username text,
    website text,
    zoneinfo text,
    locale text,
    identity_number text,
    custom_data text,
    source_type text NOT NULL,
    source_id text,
    register_source text,
    logins_count bigint NOT NULL,
    last_login_at bigint,
    last_ip text,
    last_login_app text
)
;;
CREATE UNIQUE INDEX users_email_unique ON users (user_pool_id, email)
    WHERE email IS NOT NULL
;;
CREATE UNIQUE INDEX users_username_key_unique ON users (user_pool_id, username_key)
    WHERE username_key IS NOT NULL
;;
CREATE UNIQUE INDEX users_external_id_unique ON users (user_pool_id, external_id)
    WHERE external_id IS NOT NULL
;;
CREATE UNIQUE INDEX users_phone_unique ON users (user_pool_id, phone_country_code, phone)
    WHERE phone IS NOT NULL
;;
CREATE TABLE sessions (
    id text NOT NULL PRIMARY KEY,
    user_pool_id text NOT NULL REFERENCES user_pools (id),
    app_id text NOT NULL REFERENCES applications (id),
    user_id text NOT NULL REFERENCES users (id),
    method text NOT NULL,
    scope text NOT NULL,
    authenticated_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint,
    client_address text,
    user_agent text
)
;;
CREATE INDEX sessions_by_user ON sessions (user_id)
;;
CREATE INDEX sessions_by_expiry ON sessions (expires_at)
;;
CREATE TABLE verification_codes (
    id text NOT NULL PRIMARY KEY,
    user_pool_id text NOT NULL,
    channel text NOT NULL,
    email text NOT NULL,
    subject text NOT NULL,
    nonce text NOT NULL,
    key_id text NOT NULL,
    digits bigint NOT NULL,
    tries bigint NOT NULL,
    first_made_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    spent_at bigint
)
;;
CREATE UNIQUE INDEX verification_codes_subject_unique
    ON verification_codes (user_pool_id, channel, email, subject)
;;
CREATE INDEX verification_codes_by_subject ON verification_codes (subject)
    WHERE subject <> ''
;;
CREATE INDEX verification_codes_by_expiry ON verification_codes (expires_at)
;;
CREATE TABLE verification_tries (
    nonce text NOT NULL,
    prover text NOT NULL,
    tries bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (nonce, prover)
)
;;
CREATE INDEX verification_tries_by_expiry ON verification_tries (expires_at)
;;
CREATE TABLE failure_budgets (
    id text NOT NULL PRIMARY KEY,
    hour_started_at bigint NOT NULL,
    hour_failures bigint NOT NULL,
    in_a_row bigint NOT NULL,
    over_until bigint NOT NULL,
    last_failed_at bigint NOT NULL
)
;;
CREATE INDEX failure_budgets_by_age ON failure_budgets (last_failed_at)
;;
CREATE TABLE rate_limits (
    id text NOT NULL PRIMARY KEY,
    count bigint NOT NULL,
    allowed bigint NOT NULL,
    expires_at bigint NOT NULL
)
;;
CREATE INDEX rate_limits_by_expiry ON rate_limits (expires_at)
;;
CREATE TABLE password_attempts (
    id text NOT NULL PRIMARY KEY,
    started_at bigint NOT NULL,
    failures bigint NOT NULL,
    next_at bigint NOT NULL
)
;;
CREATE INDEX password_attempts_by_age ON password_attempts (next_at)
;;
CREATE TABLE outbox (
    id text NOT NULL PRIMARY KEY,
    user_pool_id text NOT NULL,
    app_name text NOT NULL,
    template text NOT NULL,
    language text NOT NULL,
    recipient text NOT NULL,
    variables_sealed text,
    created_at bigint NOT NULL,
    due_at bigint NOT NULL,
    give_up_at bigint NOT NULL,
    attempts bigint NOT NULL,
    leased_until bigint NOT NULL,
    lease text,
    state text NOT NULL,
    ended_at bigint,
    last_answer text
)
;;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'queued'
;;
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state <> 'queued'
;;
CREATE TABLE dev_mailbox (
    id text NOT NULL PRIMARY KEY,
    sent_at bigint NOT NULL,
    recipient text NOT NULL,
    template text NOT NULL,
    subject text NOT NULL,
    code text,
    text_body text NOT NULL,
    html_body text NOT NULL
)
;;
CREATE INDEX dev_mailbox_newest ON dev_mailbox (sent_at)
;;
CREATE TABLE audit_log (
    id text NOT NULL PRIMARY KEY,
    at bigint NOT NULL,
    event text NOT NULL,
    succeeded bigint NOT NULL,
    user_pool_id text NOT NULL,
    app_id text,
    user_id text,
    session_id text,
    request_id text,
    client_address text,
    user_agent text,
    detail text
)
;;
CREATE INDEX audit_log_of_user ON audit_log (user_id, at)
"""


def upgrade() -> None:
    """Make everything."""
    for statement in _TABLES.split(";;"):
        op.execute(in_dialect(statement.strip(), context.get_context().dialect.name))
