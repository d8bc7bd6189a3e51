"""The lesson: what its steps compute and ask, its ten questions, and the sheet of exercises for a class."""
