"""A folder of LoopBack's files, read into one value and made an app."""
