"""Each engine's searches as its own library reads them, in a virtual environment that has it.

Every file skips itself where its library is missing; ``.ci/engines`` runs them all.
"""
