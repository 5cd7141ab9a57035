"""The verbs: one module, one function, one room, of the same name."""
