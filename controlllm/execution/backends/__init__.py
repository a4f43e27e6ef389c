"""Where tool calls run; one protocol, two backends."""
