"""Room target, on paper: the target sheet of a person, department or company, on the business layout of `report/prints`."""

from . import kehu_print
from . import kehu_target
