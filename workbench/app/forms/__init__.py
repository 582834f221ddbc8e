"""Forms made from the catalogue's rows alone: nobody writes a form for a plug-in.

form = Form(draft, catalogue, experiment_sections)      edits the draft
checker = Checker(draft, catalogue, link)               checks it as one types
checker.problems_changed.connect(form.set_problems)
form.row_focused.connect(help_view.show_row)            what the focused setting means
"""

from workbench.app.forms.arrangement import FormSection, experiment_sections
from workbench.app.forms.checker import Checker
from workbench.app.forms.form import Form
from workbench.app.forms.help import HelpView

__all__ = ["Checker", "Form", "FormSection", "HelpView", "experiment_sections"]
