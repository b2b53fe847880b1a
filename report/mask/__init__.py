"""Papers without the phones and e-mails that a role hides."""

from . import papers
