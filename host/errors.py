"""The refusals of the host command; each carries one sentence for a person."""


class HostError(Exception):
    """Something about the machine or the request keeps the command from going on."""


class NetworkError(HostError):
    """A download could not be made."""


class DiskFullError(HostError):
    """No room is left where the command must write."""


class BrokenDownloadError(HostError):
    """A downloaded file is not what it should be."""


class BusyError(HostError):
    """Another process holds what this command needs: a lock, a port, a database."""


class NotWritableError(HostError):
    """The command may not write where it must."""


class DatabaseServerError(HostError):
    """The database server cannot be started or reached, or refuses."""


class OdooError(HostError):
    """Odoo ended with an error."""
