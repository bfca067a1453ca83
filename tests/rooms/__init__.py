"""The whole bot in real rooms: a homeserver, members, a moderator, and Parley as people start it."""
