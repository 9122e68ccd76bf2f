"""Drivers: the one small adapter per database driver."""
