"""What several commands share; none of these files is a command."""
