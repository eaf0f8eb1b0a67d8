"""The named errors: each is shown as one line and ends a stage with its exit status."""


class PipelineError(Exception):
    """A fault of the environment (network, disk, device): exit status 1."""

    status = 1


class WrongInputError(PipelineError):
    """Something that the user wrote or supplied is wrong: exit status 2."""

    status = 2


class ParamsError(WrongInputError):
    """params.yaml holds something that is not allowed."""


class DataError(WrongInputError):
    """A data file does not hold what it must."""


class FileError(PipelineError):
    """A file cannot be written or read: disk full, no permission."""


class DownloadError(PipelineError):
    """No mirror delivered MNIST."""


def brief(error: Exception) -> str:
    """The first sentence of a library's message, on a line.

    Of torch's refusal to unpickle, what it found: before that, it advises to load unsafely.
    """
    text = " ".join(str(error).rpartition("WeightsUnpickler error: ")[2].split())
    sentence = text.split(". ")[0] or type(error).__name__
    return sentence if len(sentence) <= 150 else sentence[:147] + "..."
