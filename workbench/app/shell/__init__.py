"""The parts of the window that are not pages: rail, status bar, palette, messages, settings."""
