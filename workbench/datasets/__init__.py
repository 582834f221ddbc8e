"""Data sets, one per file; `workbench.sources.Dataset` says what one must be."""
