"""Street furniture: what stands on pavements and verges, hangs over roads and runs beside them."""
