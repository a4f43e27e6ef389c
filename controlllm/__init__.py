"""ControlLLM: a request in words becomes a typed, priced plan, and exactly that plan is run."""
