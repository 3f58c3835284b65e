"""The claims experience that is assumed until a city's own replaces it."""

from pathlib import Path

from configuration.yamlfile import read_yaml_model
from insurance.assumptions import LiabilityAssumptions

DEFAULT_PATH = Path(__file__).with_name("liability_assumptions.yaml")


def load_liability_assumptions(path: Path = DEFAULT_PATH) -> LiabilityAssumptions:
    """The assumptions in the file at `path`. Raises ConfigurationError with every mistake in it."""
    return read_yaml_model(path, LiabilityAssumptions)
