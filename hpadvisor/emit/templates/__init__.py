"""Scripts that plans are written into: valid Python on their own, with one block to replace."""
