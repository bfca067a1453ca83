"""Tests of the discord connector."""
