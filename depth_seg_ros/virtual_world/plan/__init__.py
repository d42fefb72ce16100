"""What a scene is before anything is built: roads, plots, what goes where."""
