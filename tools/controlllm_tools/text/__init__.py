"""Tools for text; each is reached through its card, never imported by name."""
