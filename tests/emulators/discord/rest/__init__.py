"""The REST API's endpoints, by area."""

from tests.emulators.discord.call import Routes
from tests.emulators.discord.rest import (
    automod,
    channels,
    commands,
    interactions,
    me,
    members,
    messages,
    polls,
    reactions,
    threads,
)

ROUTES: Routes = {
    **me.ROUTES,
    **channels.ROUTES,
    **messages.ROUTES,
    **reactions.ROUTES,
    **threads.ROUTES,
    **polls.ROUTES,
    **members.ROUTES,
    **commands.ROUTES,
    **interactions.ROUTES,
    **automod.ROUTES,
}
