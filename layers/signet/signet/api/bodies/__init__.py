"""What requests and answers hold as JSON, a module for each noun."""
