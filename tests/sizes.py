"""Sizes of the network, asked of the model, for tests that are about something else."""

from core.config import RunConfig
from core.model import get_model, parameter_count

PARAMETERS = parameter_count(get_model(RunConfig(norm="ln")))
"""Of every norm that has a gamma and a beta a channel."""
