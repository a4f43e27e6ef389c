"""Tools for images; each is reached through its card, never imported by name."""
