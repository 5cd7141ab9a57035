"""What each kind of thing looks like as an item of a table."""
