"""Ways to make models at run time, each behind the same few methods."""
