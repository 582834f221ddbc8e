"""Ways to choose the next tasks, one a file. Files of this kind work without torch."""
