"""What proves who someone is: codes, passwords, tokens, sessions, and the limits on trying."""
