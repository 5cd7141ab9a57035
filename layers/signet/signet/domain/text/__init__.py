"""What text people may give things: what is visible of it, and what a name is."""
