"""Reading records: finding, counting, and what goes through many of them."""
