"""Fixtures for the emulators' own tests."""

from tests.emulators.discord.fixture import discord_emulator

__all__ = ["discord_emulator"]
