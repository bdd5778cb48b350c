"""The one error that a user can mend."""


class InputError(ValueError):
    """Something given to us is wrong: a file, a value, a name.

    The message says where, what was found, and what was expected or what to do. The command
    line prints it as one line and exits with 1; any other exception is a defect of ours and
    keeps its traceback.
    """
