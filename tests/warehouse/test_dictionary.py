"""Declared schema, real tables and the data dictionary do not drift apart."""

from pathlib import Path

from sqlalchemy import create_engine, inspect

from tests.etl.world import World, payment, person, registered
from warehouse.dictionary import data_dictionary
from warehouse.generations import DATABASE_NAME
from warehouse.schema import metadata

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_document_is_what_the_schema_says() -> None:
    written = (DOCS / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == data_dictionary(), "run: make dictionary"


def test_every_table_and_column_has_a_meaning() -> None:
    for table in metadata.sorted_tables:
        assert table.comment, table.name
        assert all(column.comment for column in table.columns), table.name


def test_real_tables_are_the_declared_ones(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.register(registered(person(1)))
    world.payments(payment("1", person(1)))
    generation_id = world.load().publication.generation_id
    engine = create_engine(f"duckdb:///{world.settings.home / 'generations' / generation_id / DATABASE_NAME}")
    inspector = inspect(engine)
    found = {name: [c["name"] for c in inspector.get_columns(name)] for name in inspector.get_table_names()}
    assert found == {table.name: [c.name for c in table.columns] for table in metadata.sorted_tables}
