"""Scores as pure functions in tables; reports, training and tests walk the tables."""
