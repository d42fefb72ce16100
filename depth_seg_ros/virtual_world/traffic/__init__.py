"""Who moves: simulated vehicles and people, and their bodies."""
