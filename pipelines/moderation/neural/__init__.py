"""The transformer behind the linear model: its weights, what runs them, and what they are built with."""
