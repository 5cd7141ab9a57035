"""What the clients of other signing services ask besides signatures."""
