"""The REST API's endpoints, by area."""

from tests.emulators.discord.call import Routes
from tests.emulators.discord.rest import channels, me, messages

ROUTES: Routes = {**me.ROUTES, **channels.ROUTES, **messages.ROUTES}
