"""What the layer brings."""


def greet(name: str) -> str:
    return f"<{name}>"
