"""Light, weather, sky, and what a camera makes of them."""
