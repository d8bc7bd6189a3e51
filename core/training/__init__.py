"""One run: the loop as an iterator of typed events, and the penalties."""
