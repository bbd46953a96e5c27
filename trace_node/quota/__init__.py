"""Allowances and CCER: rules, allocation, surrender, carry-over."""
