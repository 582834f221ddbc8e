"""What the documents claim, measured; each file says what it needs and how it is called.

Accuracy, on Omniglot's background set, hours: accuracy, seconds, forgetting, regimes.
Speed and memory, minutes each: speed (beside the libraries that peers installs), step, scaling,
scoring, answers, data, glyphs.
The window: window (smoothness), journey and ink (real handwriting, with the strokes of Omniglot),
pictures (those of the README).
"""
