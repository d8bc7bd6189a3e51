"""Runs over seeds: curves, intervals, tests, and what they say in sentences."""
