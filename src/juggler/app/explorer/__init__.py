"""A page to look at and try the service: swagger-ui from the installed package."""
