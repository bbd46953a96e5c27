"""Laboratory records (化验记录): what was found in which sample, on which basis, and when."""
