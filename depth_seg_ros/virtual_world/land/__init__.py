"""The land around a road: ground, borders, water, what grows and stands there."""
