"""The learning rate that goes with a batch size."""

from __future__ import annotations

REFERENCE_BATCH = 128
"""The batch size for which a learning rate is named that is to be scaled."""


def scaled(lr: float, batch_size: int) -> float:
    """``lr * batch_size / REFERENCE_BATCH``: in proportion to the batch, the linear rule of Goyal et al. 2017.

    A mean over k times as many images moves as far in one step as k steps of the small batch do together
    (arXiv 1706.02677, section 2.1).

    >>> scaled(0.1, 2)
    0.0015625
    """
    return lr * batch_size / REFERENCE_BATCH
