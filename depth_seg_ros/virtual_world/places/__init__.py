"""What stands where: the plan of a scene and the kinds of place."""
