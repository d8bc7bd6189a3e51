"""What the Statistics page is made of."""
