"""Databases: how each writes what differs from the others."""
