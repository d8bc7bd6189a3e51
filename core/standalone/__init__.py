"""A race as a program of its own: PyTorch alone, nothing of this project."""
