"""Lambda: its interface, its runtime, its execution environments."""
