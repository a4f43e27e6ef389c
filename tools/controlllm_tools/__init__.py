"""The tool contract, and the tools that need no network weights."""
