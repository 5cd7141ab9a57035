"""The HTTP edge: who calls, with what body, and how answers and errors leave."""
