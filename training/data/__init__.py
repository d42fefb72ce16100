"""Frames for training: sources on disk -> memory-mapped cache -> augmented batches.

Nothing here but ``loader`` imports torch, so that the processes that fill a cache stay small.
"""
