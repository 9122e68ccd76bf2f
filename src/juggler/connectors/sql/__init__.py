"""SQL stores: one connector, compiled by SQLAlchemy Core and run on the drivers themselves."""
