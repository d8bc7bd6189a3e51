"""What the Lab page is made of: the frame of every experiment, and the live parts of some."""
