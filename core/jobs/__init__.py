"""Several runs at once: recorded, watched, queued, and within the limits of a server."""
