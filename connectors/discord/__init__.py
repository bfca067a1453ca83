"""Discord: servers, through a bot account."""

from connectors.discord.export import read_export
from connectors.discord.settings import DiscordSettings
from connectors.spec import ConnectorSpec

SPEC = ConnectorSpec(name="discord", settings=DiscordSettings, exports={"discord": read_export})
