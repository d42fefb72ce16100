"""New scenes while a run trains: rendered by other processes, kept in memory, then forgotten."""
