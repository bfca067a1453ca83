"""Keep rooms safe: rules and a local model find, the mode decides who acts."""
