"""What Discord takes at most: one table, after https://discord.com/developers/docs (API v10)."""

from __future__ import annotations

from datetime import timedelta

MAX_TEXT = 2_000
# A message of components may hold more text, but one limit is easier to split for.
MAX_BUTTONS = 25
BUTTONS_PER_ROW = 5
MAX_BUTTON_LABEL = 80
MAX_CUSTOM_ID = 100
MAX_NONCE = 25
MAX_THREAD_NAME = 100
MAX_REASON = 512
MAX_QUESTION = 300
MAX_POLL_OPTIONS = 10
MAX_POLL_OPTION = 55
MAX_POLL = timedelta(hours=768)
MAX_TIMEOUT = timedelta(days=28)
MAX_BULK_DELETE = 100
MAX_BULK_BAN = 200
MIN_BULK_DELETE = 2
# An hour less than the 14 days Discord takes, because clocks differ.
MAX_BULK_AGE = timedelta(days=14) - timedelta(hours=1)
INTERACTION_LIFE = timedelta(minutes=15)
MAX_COMMANDS_PER_GROUP = 25
MAX_CHOICES = 25
MAX_KEYWORD_RULES = 6
MAX_KEYWORDS = 1_000
MAX_KEYWORD = 60
MAX_PATTERNS = 10
MAX_PATTERN = 260
MAX_BLOCK_REASON = 150
MAX_EXEMPT_ROLES = 20
MAX_CHOICE = 100
MAX_MENUS = 15
MAX_MENU_NAME = 32
MAX_FORM_TITLE = 45
MAX_FORM_LABEL = 45
MAX_DESCRIPTION = 100
PAGE = 100
MEMBERS_PAGE = 1_000
IDENTIFIES_A_DAY = 1_000
REQUESTS_A_SECOND = 50
# Not documented; seen with one editor per channel: no 429 at this pace.
EDIT_INTERVAL = timedelta(seconds=1.1)
