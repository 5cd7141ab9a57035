"""What operations ask of the world, by theme; adapters answer it."""
