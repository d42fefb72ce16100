"""Everything that only a machine with a GPU can show, in one call of a few minutes.

``trials`` measures one thing in a process of its own, so that a crash of a driver costs one row;
``schedule`` says what is tried, in the order of what matters; ``session`` runs it within a budget
of time; ``page`` writes the tables. On a machine without a GPU the CPU's rows remain.
"""
