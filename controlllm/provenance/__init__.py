"""The record: runs, events, plans, steps, decisions, artefacts, and how they hang together."""
