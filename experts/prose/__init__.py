"""The structure of plain text: blocks and sentences, as exact offsets. Knows nothing of files."""
