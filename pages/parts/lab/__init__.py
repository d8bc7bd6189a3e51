"""What the Lab page is made of: the live parts of the experiments."""
