"""Who the bot is and where the gateway is."""

from __future__ import annotations

from tests.emulators.discord import render
from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.refusal import Json, Refusal

APPLICATION_FLAGS = 1 << 15 | 1 << 19


def me(call: Call) -> Json:
    return {**render.user(call.me), "verified": True, "mfa_enabled": False, "locale": "en-US", "email": None}


def application(call: Call) -> Json:
    app = call.world.application
    return {
        "id": str(app.id),
        "name": app.user.name,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot": render.user(app.user),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": APPLICATION_FLAGS,
        "owner": render.user(next(each for each in call.world.users.values())),
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "approximate_guild_count": len(call.world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "role_connections_verification_url": None,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "flags_new": str(APPLICATION_FLAGS),
    }


def other_user(call: Call) -> Json:
    who = call.world.users.get(call.id("user_id"))
    if who is None:
        raise Refusal(10013)
    return render.user(who)


def guilds(call: Call) -> list[Json]:
    mine = [guild for guild in call.world.guilds.values() if call.me.id in guild.members]
    return [
        {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "banner": None,
            "owner": False,
            "permissions": str(int(call.world.allowed_in(call.me, guild))),
            "features": [],
        }
        for guild in mine
        if int(call.query.get("after", 0)) < guild.id
    ][: call.number("limit", 200)]


def gateway(call: Call) -> Json:
    return {"url": call.world.base_url.replace("http", "ws", 1)}


def gateway_bot(call: Call) -> Json:
    return {
        **gateway(call),
        "shards": call.settings.shards,
        "session_start_limit": {
            "total": call.settings.identify_limit,
            "remaining": max(call.gateway.identifies_left, 0),
            "reset_after": 14_400_000,
            "max_concurrency": call.settings.max_concurrency,
        },
    }


def open_dm(call: Call) -> Json:
    """A direct conversation; that the other side takes no messages shows only when one is sent."""
    other = call.world.users.get(int(call.body.get("recipient_id", 0)))
    if other is None or other is call.me:
        raise Refusal(50035 if other is None else 50007, status=400)
    return render.channel(call.world.dm(other))


ROUTES: Routes = {
    ("GET", "/users/@me"): me,
    ("GET", "/users/{user_id}"): other_user,
    ("GET", "/users/@me/guilds"): guilds,
    ("POST", "/users/@me/channels"): open_dm,
    ("GET", "/oauth2/applications/@me"): application,
    ("GET", "/applications/@me"): application,
    ("GET", "/gateway"): gateway,
    ("GET", "/gateway/bot"): gateway_bot,
}
