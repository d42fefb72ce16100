"""Operating-system chores, each once: whole files, signals, processes, memory, the machine."""
