"""IRC: so far only its logs can be read."""

from connectors.irc.export import read_export
from connectors.spec import ConnectorSpec

SPEC = ConnectorSpec(name="irc", exports={"ubuntu-irc": read_export})
