"""What an action on many certificates is made of."""
