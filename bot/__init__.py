"""The application: its vocabulary (`bot.core`), its message path and its wiring."""

__version__ = "0.1.0"
