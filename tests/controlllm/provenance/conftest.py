"""Fixtures of the tests of the record."""

from databases import database_url, empty_database_url

__all__ = ["database_url", "empty_database_url"]
