"""A batch of four images: where its numbers come from and everything that is made of them."""
