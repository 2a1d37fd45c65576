"""What stands beside and below the network of By hand."""
