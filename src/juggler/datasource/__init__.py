"""Data sources: named, configured connectors with their life cycle and their models."""
