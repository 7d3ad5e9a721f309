"""The catalogue's entries, a file for each part of the house."""
