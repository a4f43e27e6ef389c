"""Tell a plan's reasons: what was read, what was weighed, what lost and why."""
