"""Watching and steering a running service, for its operator."""
