"""When certificates end, and how people are told."""
