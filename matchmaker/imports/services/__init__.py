"""Use cases of imports: carrying a file through an importer, and the batches of the wizard."""
