"""Tables of experiments with rows that a test makes up."""

from __future__ import annotations

import json
from collections.abc import Mapping

from core.experiments.set_size import SET_SIZE
from core.experiments.table import Done, Table

POSITIONS = 25
"""Of an image in the last convolution of the network."""


def set_size_table(
    *,
    one: Mapping[int, float],
    own: Mapping[int, float],
    gn: Mapping[int, float],
    gn_own: Mapping[int, float] | None = None,
    alone: tuple[float, float] = (11.6, 2.4),
) -> Table:
    """Of all seeds: error in percent by batch size, of BN with one number an image, BN as it is, and GN; two seeds.

    gn_own: of GN in the network as it is; as BN there, where it is left out.  alone: of BN in that network, and of GN
    in both, on one image a batch, where torch refuses BN of one number.
    """
    done = {}
    usual, *of_gn = {1: alone[0], **own}, {1: alone[1], **gn}, {1: alone[1], **(gn_own or own)}
    by_norm = ("bn", True, one), ("bn", False, usual), ("gn", True, of_gn[0]), ("gn", False, of_gn[1])
    for norm, pooled, errors in by_norm:
        for size, error in errors.items():
            rows = tuple(
                {
                    "seed": seed,
                    "norm": norm,
                    "pooled": pooled,
                    "kind": "batches",
                    "images": size,
                    "numbers": size * (1 if pooled else POSITIONS),
                    "error": error + off,
                }
                for seed, off in ((3, -0.5), (4, 0.5))
            )
            done[json.dumps({"norm": norm, "pooled": pooled, "images": size})] = Done(rows, 1.0)
    return Table(SET_SIZE.name, False, done)
