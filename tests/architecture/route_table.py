"""The README's table of actions, drawn from the template; run as a module it writes it there."""

from tests.architecture.house import ROOT, functions, routes

BEGIN = "<!-- actions: from template.yaml -->"
END = "<!-- end of actions -->"


def route_table() -> str:
    """A Markdown table: action, route, what it is for."""
    text = (ROOT / "template.yaml").read_text()
    lines = ["| action | route | |", "|---|---|---|"]
    for route, function in sorted(routes().items(), key=lambda each: text.index(f"\n  {each[1]}:")):
        method, path = route.split()
        purpose = functions()[function]["Description"]
        lines.append(f"| {function.removesuffix('Function')} | `{method} {path}` | {purpose} |")
    return "\n".join(lines)


def write() -> None:
    """Put the table between its marks in the README."""
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{route_table()}\n{END}{after}")


if __name__ == "__main__":
    write()
