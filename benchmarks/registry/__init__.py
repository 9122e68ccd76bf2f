"""The registry beside pydantic, SQLAlchemy, Django and bare classes, and at its limits."""
