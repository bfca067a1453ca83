"""Discord: so far only exports of its channels can be read."""

from connectors.discord.export import read_export
from connectors.spec import ConnectorSpec

SPEC = ConnectorSpec(name="discord", exports={"discord": read_export})
