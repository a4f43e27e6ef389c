"""Search for the cheapest sound chain of tools; one protocol, five strategies, one proof."""
