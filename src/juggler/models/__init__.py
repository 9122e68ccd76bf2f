"""Models and their instances: shapes become classes once, a model is a small object."""
