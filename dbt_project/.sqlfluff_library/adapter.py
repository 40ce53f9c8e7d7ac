"""What sqlfluff knows of dbt's `adapter`: enough to lint the SQL that dispatched macros write for DuckDB.

sqlfluff renders models with plain Jinja, without dbt, and makes the functions of this file available under its name.
"""

from jinja2 import pass_context
from jinja2.runtime import Context, Macro, Undefined


@pass_context
def dispatch(context: Context, macro_name: str) -> Macro | Undefined:
    """The macro that dbt would call for DuckDB: its own where there is one, else the default."""
    own = context.resolve(f"duckdb__{macro_name}")
    return context.resolve(f"default__{macro_name}") if isinstance(own, Undefined) else own
