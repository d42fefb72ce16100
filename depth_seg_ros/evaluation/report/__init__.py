"""The result of an evaluation for people and programs: JSON, Markdown, HTML."""
