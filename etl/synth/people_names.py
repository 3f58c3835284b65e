"""Characters for invented names and examples of damage, from names.yaml."""

from functools import lru_cache
from pathlib import Path

from configuration.yamlfile import read_yaml_model
from insurance.values import Model


class NameStock(Model):
    """names.yaml."""

    surnames: str
    given: str
    damaged: tuple[str, ...]
    replacement: str
    amounts_unreadable: tuple[str, ...]
    titles: tuple[str, ...]
    file_title: str
    unknown_header: str
    filler: str
    tampered_code: str


@lru_cache(maxsize=1)
def name_stock() -> NameStock:
    """The stock of name characters and damage examples."""
    return read_yaml_model(Path(__file__).with_name("names.yaml"), NameStock)
