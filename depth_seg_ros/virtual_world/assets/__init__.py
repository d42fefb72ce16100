"""Procedural assets: vehicles, people, cyclists, plants, each a Mesh from a seeded generator.

Every ``make_*`` function is deterministic for the state of the generator it is given.
"""
