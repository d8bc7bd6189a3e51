"""What a run leaves behind: in memory, as bytes, as an archive, on disk, and as a network again."""
