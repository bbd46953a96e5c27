"""What figures of the log are worth: budgets of uncertainty, and other measurements beside."""
