"""Where the true depth and labels of a recorded drive come from."""
