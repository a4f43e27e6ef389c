"""Tools for videos; each is reached through its card, never imported by name."""
