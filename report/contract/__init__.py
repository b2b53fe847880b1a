"""Room contract, on paper: the contract with its parties, goods, terms and places for seals, on the business layout of `report/prints`."""

from . import kehu_print
from . import kehu_contract
