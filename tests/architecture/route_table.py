"""The guide's table of actions, drawn from the template; run as a module it writes the table into the page."""

from tests.architecture.source_tree import ROOT, routes, written

BEGIN = "<!-- actions: from template.yaml -->"
END = "<!-- end of actions -->"
PAGE = ROOT / "docs" / "guide" / "actions.md"


def route_table() -> str:
    """A Markdown table: action, route, what it is for."""
    text = (ROOT / "template.yaml").read_text()
    lines = ["| action | route | |", "|---|---|---|"]
    for route, function in sorted(routes().items(), key=lambda each: text.index(f"\n  {each[1]}:")):
        method, path = route.split()
        purpose = written()["Resources"][function]["Properties"]["Description"]
        lines.append(f"| {function.removesuffix('Function')} | `{method} {path}` | {purpose} |")
    return "\n".join(lines)


def write() -> None:
    """Put the table between its marks."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{route_table()}\n{END}{after}")


if __name__ == "__main__":
    write()
