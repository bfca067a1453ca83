"""What Slack takes at most: one table, after https://docs.slack.dev (Block Kit, methods, rate limits)."""

from __future__ import annotations

from datetime import timedelta

# `chat.update` takes 4,000 characters and escaping makes text longer; one limit is easier to split for.
MAX_TEXT = 3_000
MAX_FALLBACK = 3_900
MAX_STREAMED = 12_000
MAX_BUTTONS = 25
MAX_BUTTON_LABEL = 75
MAX_BUTTON_VALUE = 2_000
MAX_ACTION_ID = 255
MAX_FORM_TITLE = 24
MAX_FORM_LABEL = 2_000
MAX_METADATA = 3_000
MAX_POLL_OPTIONS = 10
MAX_BLOCKS = 100
MAX_SHORTCUT_NAME = 24
MAX_STATUS = 100
PAGE = 200
MEMBERS_PAGE = 1_000
# Five answers within half an hour is what an interaction's own address takes.
RESPONSE_LIFE = timedelta(minutes=29)
MAX_RESPONSES = 5
# A message's modal can be opened within three seconds of the press.
TRIGGER_S = 2.5
# One message a second and channel; about 100 appends and 50 changes a minute for a whole workspace.
APPEND_S = 0.65
CHANGE_S = 1.3
STREAM_LIFE = timedelta(minutes=5)
