"""What `make run` has to look at when it starts, made anew each time and brought in over HTTP as a caller would."""
