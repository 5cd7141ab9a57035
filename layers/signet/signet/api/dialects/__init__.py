"""Other signing services' interfaces, translated into ours at the edge."""
