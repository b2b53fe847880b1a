"""Prints of money: receipt, statement of account, dunning letter, in the business layout of the room prints."""

from . import kehu_print
from . import kehu_dunning_letter
from . import kehu_receipt
