"""Turning an uploaded file into passages: type, text by page, split.

Nothing here imports Django: the reading happens in a child process that must start fast.
"""
