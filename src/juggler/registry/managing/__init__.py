"""Passes over the tenants of a registry: who is cleaned up or evicted, and when."""
