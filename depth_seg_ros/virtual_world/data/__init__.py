"""Drives, data sets, bags and sheets made of worlds."""
