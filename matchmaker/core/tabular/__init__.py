"""Reads the tables people upload (CSV, XLSX, JSON Lines, also .gz) and maps their columns to fields.

    table = read_table(path, "名单.csv")            # refuses a bad file in one sentence, before anything is changed
    mapping = guess_mapping(table.headers, FIELDS)  # {field key: header}
    for row in map_rows(table, mapping, FIELDS):    # parsed values, errors by line and column
        ...

A table has been read once to its end when `read_table` returns: going through it again cannot fail half-way.
"""

from matchmaker.core.tabular.mapping import (
    ImportField,
    MappedRow,
    Outcome,
    check_mapping,
    fold_header,
    guess_mapping,
    map_rows,
    write_results,
)
from matchmaker.core.tabular.reading import SUFFIXES, read_table
from matchmaker.core.tabular.table import Limits, Row, RowError, Table, Value

__all__ = [
    "SUFFIXES",
    "ImportField",
    "Limits",
    "MappedRow",
    "Outcome",
    "Row",
    "RowError",
    "Table",
    "Value",
    "check_mapping",
    "fold_header",
    "guess_mapping",
    "map_rows",
    "read_table",
    "write_results",
]
