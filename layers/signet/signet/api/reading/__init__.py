"""What comes in: text, queries, base64, and what is said of a value that is refused."""
