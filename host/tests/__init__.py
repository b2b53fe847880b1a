"""Unit tests of the host command: standard library only, no network, no Odoo. Run by `./kehu test host`."""
