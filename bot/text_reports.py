"""What Parley says about reports by members."""

from __future__ import annotations

REPORT_BY_REPLY = "To report a message, reply to it with the command “report” and a reason, or react to it with 🚩."
