"""Curves in the look of the rest.

    plot = CurvePlot("Loss", x_title="Step", y_title="Loss", log=True)
    plot.set_series("Train", x, y, series=0, noisy=True)   raw at 30 %, smoothed full
    plot.set_series("Validation", x, y, low, high, series=1)   points with markers, 95 % band
    plot.set_future(12_480, 20_000)                        shade what is still to come
    plot.set_chance(20.0)                                  dashed line
    plot.set_visible("Train", False); plot.set_smoothing(0.9); plot.set_log(True); plot.reset_view()
    plot.refresh()                                         draw; call it from one 10 Hz timer
    link_plots([loss, accuracy])                           one x axis, crosshair and read-out
    plot.ask_export()                                      PNG, SVG or CSV

Nothing is drawn by `set_series` alone, so events may come as fast as they like.
"""

from workbench.app.plots.crosshair import link_plots
from workbench.app.plots.plot import CurvePlot
from workbench.app.plots.smoothing import smoothed

__all__ = ["CurvePlot", "link_plots", "smoothed"]
