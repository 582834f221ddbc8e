"""Pure tensor functions: they take callables and tensors, and know no plug-in."""
