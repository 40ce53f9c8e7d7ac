{#- Texts, keys and lists of texts. -#}

{#- True where Python's str.strip() leaves something: what a judge may read is decided by the same rule in
    scoring_ops/conversation.py. RE2's \s knows ASCII alone, so the other white space of Unicode is named. -#}
{% macro has_text(column) -%}
    {{ return(adapter.dispatch('has_text')(column)) }}
{%- endmacro %}

{% macro duckdb__has_text(column) -%}
    regexp_matches({{ column }}, '[^\s\v\x1c-\x1f\x{85}\p{Z}]')
{%- endmacro %}

{#- Its regular expressions know no class of separators: they are named one by one. -#}
{% macro postgres__has_text(column) -%}
    {{ column }} ~ '[^\s\u001c-\u001f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'
{%- endmacro %}


{#- A key of fixed length that is the same on every machine and in every run; nulls count as empty texts. The unit
    separator cannot occur in a name, so ('a', 'bc') and ('ab', 'c') differ. -#}
{% macro stable_key(columns) -%}
    {{ return(adapter.dispatch('stable_key')(columns)) }}
{%- endmacro %}

{% macro default__stable_key(columns) -%}
    md5(concat_ws(chr(31), {% for column in columns %}coalesce({{ column }}, ''){{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}


{#- An aggregate: one text with a line per row, in order. -#}
{% macro lines_of(expression, order_by) -%}
    {{ return(adapter.dispatch('lines_of')(expression, order_by)) }}
{%- endmacro %}

{% macro default__lines_of(expression, order_by) -%}
    string_agg({{ expression }}, chr(10) order by {{ order_by }})
{%- endmacro %}


{#- A list column as one text, for readers that know no lists. -#}
{% macro list_as_text(column) -%}
    {{ return(adapter.dispatch('list_as_text')(column)) }}
{%- endmacro %}

{% macro default__list_as_text(column) -%}
    array_to_string({{ column }}, ', ')
{%- endmacro %}


{#- Texts in the order of their bytes, whatever language a server sorts in: for ties that decide what is shown. -#}
{% macro bytewise(column) -%}
    {{ return(adapter.dispatch('bytewise')(column)) }}
{%- endmacro %}

{% macro default__bytewise(column) -%}
    {{ column }}
{%- endmacro %}

{% macro postgres__bytewise(column) -%}
    {{ column }} collate "C"
{%- endmacro %}
