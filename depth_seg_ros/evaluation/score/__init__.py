"""Which pixels count, which image belongs to which truth, and the sums."""
