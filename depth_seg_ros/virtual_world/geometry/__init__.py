"""Triangle soup and the primitives that everything in a world is built of."""
