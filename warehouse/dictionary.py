"""The data dictionary, generated from the tables: python -m warehouse.dictionary > docs/data-dictionary.md"""

from sqlalchemy import Table

from warehouse.schema import metadata

GROUPS = (
    ("meta_", "What the generation is"),
    ("load_", "The ledger of files"),
    ("raw_", "Raw events"),
    ("core_", "What we conclude"),
    ("mart_", "What pages read"),
)


def data_dictionary() -> str:
    """All tables and columns as Markdown."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from `warehouse/schema.py` by `make dictionary`; a test fails when the two differ. Money is integer",
        "fen; dates are calendar days, instants wall time in Asia/Shanghai.",
    ]
    for prefix, title in GROUPS:
        lines += ["", f"## {title}"]
        for table in metadata.sorted_tables:
            if table.name.startswith(prefix):
                lines += _describe(table)
    return "\n".join(lines) + "\n"


def _describe(table: Table) -> list[str]:
    rows = [f"| `{c.name}` | {str(c.type).lower()} | {c.comment} |" for c in table.columns]
    head = ["| column | type | meaning |", "| --- | --- | --- |"]
    return ["", f"### {table.name}", "", str(table.comment), "", *head, *rows]


if __name__ == "__main__":
    print(data_dictionary(), end="")
