{#- Every value of these columns is a difference of two fractions, from -1 to 1, or null where it is not shown. -#}
{% test differences(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where
    least({{ columns | join(', ') }}) < -1
    or greatest({{ columns | join(', ') }}) > 1

{% endtest %}
