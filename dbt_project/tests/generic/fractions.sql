{#- Every value of these columns is a fraction from 0 to 1, or null where it is not shown. -#}
{% test fractions(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where
    least({{ columns | join(', ') }}) < 0
    or greatest({{ columns | join(', ') }}) > 1

{% endtest %}
