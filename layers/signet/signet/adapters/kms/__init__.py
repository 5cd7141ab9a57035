"""The wrapping key."""
