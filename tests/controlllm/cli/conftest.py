"""Fixtures of the command line."""

from command_line import cli, home, photo, ran

__all__ = ["cli", "home", "photo", "ran"]
