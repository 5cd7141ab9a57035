"""What the console in a browser needs to know before anybody has logged in, one verb a module."""
