"""From a file's bytes to its pages of text, in a process of its own.

Nothing here imports Django: the reading process must start fast and knows no database.
"""
