{#- Every row has a row with the same key in another model: `relationships` for keys of several columns. -#}
{% test belongs_to(model, to, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
except
select {{ columns | join(', ') }}
from {{ to }}

{% endtest %}
