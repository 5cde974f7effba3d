"""What flows keep between calls: codes, sessions, counted attempts, grants of tokens."""
