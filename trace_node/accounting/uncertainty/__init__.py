"""Uncertainty of measurement (测量不确定度) by the GUM (JJF 1059.1): parts, propagation, budget."""
