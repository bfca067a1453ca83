"""Tests of the Discord connector."""
