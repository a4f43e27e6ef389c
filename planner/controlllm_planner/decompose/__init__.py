"""Take a request apart into tasks; one protocol, one way that needs no language model."""
