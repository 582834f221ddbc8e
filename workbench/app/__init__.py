"""The window: the only package that imports Qt, and one that never loads torch.

It owns pixels and nothing else. `window.py` is the shell, `pages/` what it shows, `widgets/` the
vocabulary they are written in, `plots/` the curves, `theme/` colours, type and icons.
"""
