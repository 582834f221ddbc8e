"""A setting declared once, and everything made from the declaration."""
