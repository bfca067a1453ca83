"""Matrix: rooms on any homeserver, through an ordinary account."""

from __future__ import annotations

from connectors.matrix.export import read_export
from connectors.matrix.settings import MatrixSettings
from connectors.spec import ConnectorSpec

SPEC = ConnectorSpec(name="matrix", settings=MatrixSettings, exports={"matrix": read_export})
