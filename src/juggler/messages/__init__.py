"""What juggler tells people: keys, English texts, translations, and what stands in their place."""
