"""The pages of the window, a package for each."""
