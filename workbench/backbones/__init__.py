"""Networks from examples to features, one a file."""
