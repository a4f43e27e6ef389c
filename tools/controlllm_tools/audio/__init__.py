"""Tools for sound; each is reached through its card, never imported by name."""
