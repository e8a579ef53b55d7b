CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE server_keys (
    id TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    first_used_at INTEGER NOT NULL
) STRICT;

CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    private_sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    active_from INTEGER NOT NULL,
    published_until INTEGER
) STRICT;

CREATE TABLE user_pools (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    access_key_id TEXT NOT NULL,
    access_key_digest TEXT NOT NULL,
    access_key_sealed TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX user_pools_access_key_id_unique ON user_pools (access_key_id);

CREATE TABLE allowed_origins (
    origin TEXT NOT NULL,
    user_pool_id TEXT NOT NULL REFERENCES user_pools (id),
    PRIMARY KEY (origin, user_pool_id)
) STRICT;

CREATE TABLE applications (
    id TEXT NOT NULL PRIMARY KEY,
    user_pool_id TEXT NOT NULL REFERENCES user_pools (id),
    name TEXT NOT NULL,
    client_auth TEXT NOT NULL,
    secret_digest TEXT NOT NULL,
    secret_sealed TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    user_pool_id TEXT NOT NULL REFERENCES user_pools (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    status_changed_at INTEGER,
    external_id TEXT,
    username TEXT,
    username_key TEXT,
    email TEXT,
    email_verified_at INTEGER,
    phone TEXT,
    phone_country_code TEXT,
    phone_verified_at INTEGER,
    password_hash TEXT,
    password_set_at INTEGER,
    password_level INTEGER,
    language TEXT,
    name TEXT,
    nickname TEXT,
    photo TEXT,
    gender TEXT NOT NULL,
    birthdate TEXT,
    country TEXT,
    province TEXT,
    city TEXT,
    address TEXT,
    street_address TEXT,
    postal_code TEXT,
    region TEXT,
    formatted TEXT,
    company TEXT,
    browser TEXT,
    device TEXT,
    given_name TEXT,
    family_name TEXT,
    middle_name TEXT,
    profile TEXT,
    preferred_username TEXT,
    website TEXT,
    zoneinfo TEXT,
    locale TEXT,
    identity_number TEXT,
    custom_data TEXT,
    source_type TEXT NOT NULL,
    source_id TEXT,
    register_source TEXT,
    logins_count INTEGER NOT NULL,
    last_login_at INTEGER,
    last_ip TEXT,
    last_login_app TEXT
) STRICT;

CREATE UNIQUE INDEX users_email_unique ON users (user_pool_id, email)
    WHERE email IS NOT NULL;

CREATE UNIQUE INDEX users_username_key_unique ON users (user_pool_id, username_key)
    WHERE username_key IS NOT NULL;

CREATE UNIQUE INDEX users_external_id_unique ON users (user_pool_id, external_id)
    WHERE external_id IS NOT NULL;

CREATE UNIQUE INDEX users_phone_unique ON users (user_pool_id, phone_country_code, phone)
    WHERE phone IS NOT NULL;

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_pool_id TEXT NOT NULL REFERENCES user_pools (id),
    app_id TEXT NOT NULL REFERENCES applications (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    method TEXT NOT NULL,
    scope TEXT NOT NULL,
    authenticated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    client_address TEXT,
    user_agent TEXT
) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE verification_codes (
    id TEXT NOT NULL PRIMARY KEY,
    user_pool_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    email TEXT NOT NULL,
    subject TEXT NOT NULL,
    nonce TEXT NOT NULL,
    key_id TEXT NOT NULL,
    digits INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    first_made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    spent_at INTEGER
) STRICT;

CREATE UNIQUE INDEX verification_codes_subject_unique
    ON verification_codes (user_pool_id, channel, email, subject);

CREATE INDEX verification_codes_by_subject ON verification_codes (subject)
    WHERE subject <> '';

CREATE INDEX verification_codes_by_expiry ON verification_codes (expires_at);

CREATE TABLE verification_tries (
    nonce TEXT NOT NULL,
    prover TEXT NOT NULL,
    tries INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (nonce, prover)
) STRICT;

CREATE INDEX verification_tries_by_expiry ON verification_tries (expires_at);

CREATE TABLE failure_budgets (
    id TEXT NOT NULL PRIMARY KEY,
    hour_started_at INTEGER NOT NULL,
    hour_failures INTEGER NOT NULL,
    in_a_row INTEGER NOT NULL,
    over_until INTEGER NOT NULL,
    last_failed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX failure_budgets_by_age ON failure_budgets (last_failed_at);

CREATE TABLE rate_limits (
    id TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    allowed INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX rate_limits_by_expiry ON rate_limits (expires_at);

CREATE TABLE password_attempts (
    id TEXT NOT NULL PRIMARY KEY,
    started_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    next_at INTEGER NOT NULL
) STRICT;

CREATE INDEX password_attempts_by_age ON password_attempts (next_at);

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    user_pool_id TEXT NOT NULL,
    app_name TEXT NOT NULL,
    template TEXT NOT NULL,
    language TEXT NOT NULL,
    recipient TEXT NOT NULL,
    variables_sealed TEXT,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    give_up_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    lease TEXT,
    state TEXT NOT NULL,
    ended_at INTEGER,
    last_answer TEXT
) STRICT;

CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'queued';

CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state <> 'queued';

CREATE TABLE dev_mailbox (
    id TEXT NOT NULL PRIMARY KEY,
    sent_at INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    template TEXT NOT NULL,
    subject TEXT NOT NULL,
    code TEXT,
    TEXT_body TEXT NOT NULL,
    html_body TEXT NOT NULL
) STRICT;

CREATE INDEX dev_mailbox_newest ON dev_mailbox (sent_at);

CREATE TABLE audit_log (
    id TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    succeeded INTEGER NOT NULL,
    user_pool_id TEXT NOT NULL,
    app_id TEXT,
    user_id TEXT,
    session_id TEXT,
    request_id TEXT,
    client_address TEXT,
    user_agent TEXT,
    detail TEXT
) STRICT;

CREATE INDEX audit_log_of_user ON audit_log (user_id, at);

INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING version_num;

-- Running upgrade 0001 -> 0002

ALTER TABLE users ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0;

ALTER TABLE users ADD COLUMN email_probation_until INTEGER NOT NULL DEFAULT 0;

ALTER TABLE users ADD COLUMN changes_paused_until INTEGER NOT NULL DEFAULT 0;

CREATE TABLE refresh_tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    app_id TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    key_id TEXT
) STRICT;

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE step_tokens (
    purpose TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    digest TEXT NOT NULL,
    session_id TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    new_email TEXT,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (purpose, user_id)
) STRICT;

CREATE UNIQUE INDEX step_tokens_digest_unique ON step_tokens (digest);

CREATE INDEX step_tokens_by_expiry ON step_tokens (expires_at);

CREATE TABLE email_changes (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    event TEXT NOT NULL,
    old_email TEXT,
    new_email TEXT,
    happened_at INTEGER NOT NULL,
    voided_at INTEGER
) STRICT;

CREATE INDEX email_changes_of_user ON email_changes (user_id, happened_at);

CREATE TABLE links (
    digest TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    user_pool_id TEXT NOT NULL,
    app_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE INDEX links_by_expiry ON links (expires_at);

CREATE TABLE mail_stops (
    user_pool_id TEXT NOT NULL,
    email TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_pool_id, email)
) STRICT;

CREATE INDEX mail_stops_by_expiry ON mail_stops (expires_at);

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';

-- Running upgrade 0002 -> 0003

ALTER TABLE audit_log ADD COLUMN refusal TEXT;

ALTER TABLE audit_log ADD COLUMN api_code INTEGER;

ALTER TABLE audit_log ADD COLUMN times INTEGER NOT NULL DEFAULT 1;

ALTER TABLE audit_log ADD COLUMN salt TEXT;

ALTER TABLE audit_log ADD COLUMN personal TEXT;

ALTER TABLE audit_log ADD COLUMN key_id TEXT;

ALTER TABLE audit_log ADD COLUMN digest TEXT;

ALTER TABLE audit_log ADD COLUMN seal INTEGER;

CREATE INDEX audit_log_by_seal ON audit_log (seal, id);

CREATE TABLE audit_seals (
    number INTEGER NOT NULL PRIMARY KEY,
    sealed_at INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    rows_digest TEXT NOT NULL,
    erased TEXT NOT NULL,
    previous TEXT NOT NULL,
    key_id TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;

CREATE TABLE audit_chain (
    id INTEGER NOT NULL PRIMARY KEY,
    seals INTEGER NOT NULL,
    last_digest TEXT NOT NULL,
    sealed_at INTEGER NOT NULL,
    settled_at INTEGER NOT NULL,
    emptied INTEGER NOT NULL,
    erased INTEGER NOT NULL,
    adopted INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0002';

-- Running upgrade 0003 -> 0004

ALTER TABLE sessions ADD COLUMN cookie_digest TEXT;

CREATE UNIQUE INDEX sessions_cookie_unique ON sessions (cookie_digest)
    WHERE cookie_digest IS NOT NULL;

UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0003';

-- Running upgrade 0004 -> 0005

ALTER TABLE sessions ADD COLUMN parent_id TEXT;

CREATE INDEX sessions_by_parent ON sessions (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE authorization_codes (
    digest TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    session_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    nonce TEXT,
    code_challenge TEXT,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    begun_id TEXT
) STRICT;

CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

CREATE INDEX authorization_codes_by_user ON authorization_codes (user_id);

CREATE TABLE consents (
    user_id TEXT NOT NULL REFERENCES users (id),
    app_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, app_id)
) STRICT;

UPDATE alembic_version SET version_num='0005' WHERE alembic_version.version_num = '0004';

