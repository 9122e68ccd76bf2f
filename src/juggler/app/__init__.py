"""The service: models of each tenant over HTTP, described, watched and steered."""
