"""Slack: workspaces, through an app of your own."""

from connectors.slack.export import read_export
from connectors.slack.manifest import shown
from connectors.slack.settings import SlackSettings
from connectors.spec import ConnectorSpec

SPEC = ConnectorSpec(name="slack", settings=SlackSettings, exports={"slack": read_export}, commands={"manifest": shown})
