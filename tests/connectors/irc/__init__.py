"""Tests of the IRC connector."""
