"""What emission will be, how well that was foretold before, and what it is rated by."""
