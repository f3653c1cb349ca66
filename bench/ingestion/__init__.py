"""How fast files are read, what that takes of memory, and whether the stages overlap."""
