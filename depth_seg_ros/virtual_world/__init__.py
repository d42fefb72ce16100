"""Procedural road worlds with exact depth and labels: description -> meshes -> renderer -> data.

A scene (:mod:`.scene`) is built from a seed alone; nothing is downloaded and no GPU is needed.
World axes: x right (east), y up, z forward (north), metres.
"""
