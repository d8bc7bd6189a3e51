"""A race on the screen: curves that grow, bars with the standing. Train and the lesson show it."""
