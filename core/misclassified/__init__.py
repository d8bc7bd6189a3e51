"""What networks get wrong: 5x2 grids, confusion matrices, overlaps, one image under every run."""
