"""Small functions over filters, lists and texts; `juggler.helpers` is where others find them."""
