"""What each kind of item says of others."""
