"""Rules: one small file for each kind, a pure function from what a rule wants and what is seen to what was hit."""
