"""What settings mean, in the words of the reference. One without a meaning fails the build."""

from __future__ import annotations

SERVER = {
    "data_dir": "the folder of SQLite and of the server key",
    "database_url": "`sqlite:///path` or `postgresql://…`; empty: SQLite in the data folder. "
    "`?prepared_statements=0` behind a pooler in transaction mode that does not carry them over",
    "public_url": "where clients reach the server: tokens are issued by it and links in mails "
    "start with it; empty: the address it listens on",
    "host": "the address to listen on",
    "port": "the port to listen on; 0: any that is free",
    "smtp_url": "`smtp://` or `smtps://`, with user and password; `?starttls=require`",
    "mail_from": "`no-reply@example.com` or `Shop <no-reply@example.com>`; empty: `no-reply@` the "
    "host of the public URL",
    "server_keys": "`id:base64 of 32 bytes`, several by comma; made by itself with SQLite",
    "server_keys_file": "a file with the same; read again on SIGHUP",
    "trusted_proxies": "whose `X-Forwarded-For` is believed: addresses or networks, by comma",
    "trusted_backends": "who may name a client's address (`x-real-ip`, `options.clientIp`): "
    "addresses or networks, by comma",
    "dev_mailbox": "`1`: mails are kept instead of sent, for this machine's eyes only",
    "audit_retention_days": "how long audit events are kept (0 to 36500); 0: for ever",
    "log_level": "`debug`, `info`, `warning` or `error`",
    "metrics_host": "the address that the port of the metrics listens on",
    "metrics_port": "a port of its own for `/metrics`; empty: none",
    "metrics_token": "16 characters or more: `/metrics` for this bearer token, on the main port "
    "unless it has its own",
    "drain_seconds": "how long a server told to stop goes on while `/readyz` says 503 (0 to 300)",
}

POOL = {
    "language": "the language of messages and mails where a call names none",
    "allowedOrigins": "origins of web pages that may call the API (CORS), as browsers send them",
    "allowSpecialUseDomains": "whether addresses in special-use domains are taken, such as `.test` "
    "and `localhost`",
    "allowInternationalEmail": "whether the part before the `@` may have letters beyond ASCII, "
    "which needs SMTPUTF8 (RFC 6531) all the way",
    "verifyCodeLength": "digits of a code",
    "verifyCodeMaxAttempts": "wrong looks after which a code is dead; at a code that anybody may "
    "show, for each client address",
    "verifyCodeExpiresIn": "how long a code lives after it was mailed",
    "verifyCodeLongestLife": "how long a code lives at most, however often it is mailed again",
    "verifyCodeResendInterval": "how long the next code mail to an address has to wait",
    "codesNeedSignIn": "whether codes to bind or change an address are mailed to signed-in "
    "people only",
    "strictCodeBudget": "whether a used-up failure budget refuses, in place of longer codes",
    "reauthenticateWithin": "how old a sign-in may be that changes the account; 0: any age",
    "hideExistingAccounts": "whether signing up keeps quiet about an address having an account",
    "registerDisabled": "whether nobody may sign up",
    "loginRequireEmailVerified": "whether who has an address that nobody proved cannot sign in",
}

STRATEGY = {
    "verifyOldEmail": "whether a change of address wants a code from the old mailbox too",
    "noticeToOldEmail": "whether an old address that need not be proved for a change is told "
    "of it all the same, with a link to undo it; one that was proved is always told",
}

LIMITS = {
    "sendsPerMailboxHour": "mails to one mailbox an hour, asked for without a sign-in",
    "sendsPerMailboxDay": "the same a day",
    "sendsPerMailboxHourFromOneClient": "the same an hour, from one client address",
    "sendsToMailboxByUsersPerHour": "mails to one mailbox an hour, asked for by signed-in people",
    "sendsToMailboxByUsersPerDay": "the same a day",
    "sendsToMailboxByUsersPerHourFromOneClient": "the same an hour, from one client address",
    "sendsPerUserHour": "mails that one account may ask for an hour",
    "sendsPerClientHour": "mails that one client address may ask for an hour",
    "signInsPerClientHour": "sign-ins, resets and looks at codes from one client address an hour",
    "signUpsPerClientHour": "sign-ups from one client address an hour",
    "callsPerTrustedAppHour": "calls an hour of an app that names its users' addresses itself",
    "passwordFailures": "wrong passwords for one typed account from one client address, after "
    "which each further try has to wait",
    "passwordFailuresWindow": "how long a wrong password is remembered",
    "codeFailuresPerHour": "wrong codes for one address or account an hour that are borne",
    "codeFailuresInARow": "wrong codes in a row that are borne",
    "codeFailuresCoolDown": "how long codes stay long after that",
    "codeTriesOfAllClients": "wrong looks of all clients after which a code that anybody may show "
    "is dead",
}

APP = {
    "appLogo": "a picture for the pages: on https, on this server, or a `data:` URL; empty: none",
    "brandColor": "a colour for the pages, as `#0b5fae`; empty: the house's own",
    "lenientClientAuth": "whether the sign-in interface lets the app leave its credentials out",
    "skip_consent": "whether people are not asked before the app learns who they are",
    "logoutRedirectUris": "where `/oidc/session/end` may send people",
    "id_token_signed_response_alg": "what id_tokens are signed with",
    "access_token_expires_in": "how long an access token lives",
    "id_token_expires_in": "how long an id_token lives",
    "refresh_token_expires_in": "how long a refresh token lives",
}
