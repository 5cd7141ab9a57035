"""What `make run` has to look at when it starts, made anew each time by requests as callers make them."""
