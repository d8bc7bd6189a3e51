"""What the Misclassified page is made of."""
