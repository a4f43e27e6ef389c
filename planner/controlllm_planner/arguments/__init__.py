"""What the words of a task say for the parameters of its tools."""
