"""Pages of one's own account: signing in, second factors, passwords, sessions, the lock."""
