"""`parley eval`: the command, what a terminal shows, and the page with its pictures."""
