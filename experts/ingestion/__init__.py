"""From a file to what is searched: pages and passages stored, embedded and verified."""
