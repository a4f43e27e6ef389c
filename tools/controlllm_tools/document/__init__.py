"""Tools for documents; each is reached through its card, never imported by name."""
