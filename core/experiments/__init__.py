"""When does the choice of a norm matter? One file an experiment, and what they have in common."""
