{#- No row lacks any of these columns: one pass over the model where `not_null` takes one for each column. -#}
{% test never_null(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null

{% endtest %}
