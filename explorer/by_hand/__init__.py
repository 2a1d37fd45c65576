"""What stands beside and below the network of By hand, and the weights that somebody types there."""
