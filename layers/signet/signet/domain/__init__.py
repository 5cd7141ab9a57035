"""The nouns and the rules: no AWS, no HTTP, no clock of its own, nothing but the standard library."""
