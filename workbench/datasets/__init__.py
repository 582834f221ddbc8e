"""Data sets, one per file; `workbench.interfaces.Dataset` says what one must be."""
