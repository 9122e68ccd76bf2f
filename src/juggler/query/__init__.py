"""The query language: filters parsed once into frozen nodes, matched in memory or compiled."""
