"""The Train page, before, during and after a run.

page = TrainPage(context)
page.open_run("0042-maml-omniglot")     watch a run, or look at one that has ended
page.start()                            train with the draft
page.control("pause")                   pause, resume, stop, abort
"""

from workbench.app.pages.train.page import TrainPage

__all__ = ["TrainPage"]
