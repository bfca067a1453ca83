"""Tests of the irc connector."""
