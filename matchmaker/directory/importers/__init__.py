"""Loaders of the files that the directory takes in: organisations and researchers."""
