"""Train, evaluate, checkpoint: knows no plug-in by name, writes no file, and only yields events."""
