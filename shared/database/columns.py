"""Columns by their names, for statements that are written out."""

from sqlalchemy.orm import DeclarativeBase


def columns_of(mapping: type[DeclarativeBase], alias: str) -> str:
    """All columns of a mapping, of a table that the statement calls `alias`.

    Not `alias.*`: what that answers changes with a migration that adds a column, and a statement that a
    connection has prepared fails then.
    """
    return ", ".join(f"{alias}.{column.name}" for column in mapping.__table__.columns)
