"""OAuth 2.0 and OpenID Connect, one module per endpoint, by their RFCs."""
