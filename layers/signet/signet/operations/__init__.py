"""The verbs: one module and one function in it for each Lambda function, all of the same name."""
