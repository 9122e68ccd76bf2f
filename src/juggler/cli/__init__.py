"""The command line: serve a folder, serve the demo, look after the tenants of a running service."""
