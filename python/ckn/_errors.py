"""What can go wrong, by kind; the text is that of the command."""


class Error(Exception):
    """The base of all errors of ckn."""


class SettingError(Error, ValueError):
    """An argument that is not known, has a value that it cannot have, or has no effect beside the others."""


class InputError(Error, ValueError):
    """Sequences, labels or files that cannot be used."""


class DeviceError(Error, RuntimeError):
    """A device that is missing, or an option of a build that has the tensor library."""


class UnfinishedError(Error, RuntimeError):
    """A training that had no time, or was interrupted, before there was any model."""


class InternalError(Error, RuntimeError):
    """A mistake of ckn: please report it."""


class DataWarning(UserWarning):
    """What makes one doubt the data of a training."""


class TrainingWarning(UserWarning):
    """What makes one doubt a model: it found next to nothing, did not converge, or was interrupted."""
