"""What this machine can do for the package, what is broken, and what would mend it.

``findings`` is the noun; ``machine``, ``software``, ``backends`` and ``storage`` look, ``page``
prints, ``bug_report`` packs. Nothing here builds an engine, makes a CUDA context or uses a network.
"""
