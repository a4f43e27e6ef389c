"""How likely each clause of a request asks for each tool: word vectors and a small model."""
