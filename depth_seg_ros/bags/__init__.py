"""A bag as a file: read, write, merge, which topics. Knows messages, not scores."""
