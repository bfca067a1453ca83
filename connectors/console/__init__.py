"""A room in the terminal: the smallest connector, and the one to copy."""

from connectors.console.settings import ConsoleSettings
from connectors.spec import ConnectorSpec

SPEC = ConnectorSpec(name="console", settings=ConsoleSettings)
