"""Rosters from files: appointments of every kind, and the works of their people."""
