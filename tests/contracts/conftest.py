"""Fixtures of the contract suites."""

from databases import database_url, empty_database_url
from journals import clock, journal

__all__ = ["clock", "database_url", "empty_database_url", "journal"]
