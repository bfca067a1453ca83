"""Slack: so far only its workspace exports can be read."""

from connectors.slack.export import read_export
from connectors.spec import ConnectorSpec

SPEC = ConnectorSpec(name="slack", exports={"slack": read_export})
