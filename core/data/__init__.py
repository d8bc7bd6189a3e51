"""Data sets as tensors, how they are downloaded, and the batches made from them."""
