{#- A rate corrected for the errors of whoever judged (Rogan and Gladen 1978), clamped to 0 and 1, and null where
    sensitivity and specificity sum to 1 or less: such a judge tells nothing. -#}
{% macro rogan_gladen(rate, sensitivity, specificity) -%}
    case
        when {{ sensitivity }} + {{ specificity }} > 1
            then greatest(0.0, least(1.0, (
                cast({{ rate }} as double precision) + {{ specificity }} - 1
            ) / ({{ sensitivity }} + {{ specificity }} - 1)))
    end
{%- endmacro %}

{#- Its 95 % interval after Lang and Reiczigel (2014): the errors of the rate (`positive` of `n`) and of both accuracies
    (`true_positive` of `gold_positive`, `true_negative` of `gold_negative`) are carried along. It always holds the
    corrected rate itself; null where that is null or a side of the gold set is empty. -#}
{% macro rogan_gladen_low(positive, n, true_positive, gold_positive, true_negative, gold_negative) -%}
    {{ _rogan_gladen_bound('-', 'least', positive, n, true_positive, gold_positive, true_negative, gold_negative) }}
{%- endmacro %}

{% macro rogan_gladen_high(positive, n, true_positive, gold_positive, true_negative, gold_negative) -%}
    {{ _rogan_gladen_bound('+', 'greatest', positive, n, true_positive, gold_positive, true_negative, gold_negative) }}
{%- endmacro %}

{% macro _rogan_gladen_bound(
    sign, outer_of, positive, n, true_positive, gold_positive, true_negative, gold_negative
) -%}
    {%- set z = z_95() | trim -%}
    {%- set zz = '(' ~ z ~ ' * ' ~ z ~ ')' -%}
    {%- set raw_rate = '(cast(' ~ positive ~ ' as double precision) / ' ~ n ~ ')' -%}
    {%- set raw_se = '(cast(' ~ true_positive ~ ' as double precision) / ' ~ gold_positive ~ ')' -%}
    {%- set raw_sp = '(cast(' ~ true_negative ~ ' as double precision) / ' ~ gold_negative ~ ')' -%}
    {%- set p = '((' ~ positive ~ ' + ' ~ zz ~ ' / 2) / (' ~ n ~ ' + ' ~ zz ~ '))' -%}
    {%- set se = '((cast(' ~ true_positive ~ ' as double precision) + 1) / (' ~ gold_positive ~ ' + 2))' -%}
    {%- set sp = '((cast(' ~ true_negative ~ ' as double precision) + 1) / (' ~ gold_negative ~ ' + 2))' -%}
    {%- set youden = '(' ~ se ~ ' + ' ~ sp ~ ' - 1)' -%}
    {%- set pi = '((' ~ p ~ ' + ' ~ sp ~ ' - 1) / ' ~ youden ~ ')' -%}
    {%- set se_error = '(' ~ se ~ ' * (1 - ' ~ se ~ ') / (' ~ gold_positive ~ ' + 2))' -%}
    {%- set sp_error = '(' ~ sp ~ ' * (1 - ' ~ sp ~ ') / (' ~ gold_negative ~ ' + 2))' -%}
    {%- set p_error = '(' ~ p ~ ' * (1 - ' ~ p ~ ') / (' ~ n ~ ' + ' ~ zz ~ '))' -%}
    case
        when not ({{ n }} > 0 and {{ gold_positive }} > 0 and {{ gold_negative }} > 0) then null
        when {{ raw_se }} + {{ raw_sp }} > 1 and {{ youden }} > 0
            then {{ outer_of }}(
                {{ rogan_gladen(raw_rate, raw_se, raw_sp) }},
                greatest(0.0, least(1.0,
                    {{ pi }}
                    + 2 * {{ zz }} * ({{ pi }} * {{ se_error }} - (1 - {{ pi }}) * {{ sp_error }})
                    {{ sign }} {{ z }} * sqrt(
                        {{ p_error }}
                        + power({{ pi }}, 2) * {{ se_error }}
                        + power(1 - {{ pi }}, 2) * {{ sp_error }}
                    ) / {{ youden }}
                ))
            )
    end
{%- endmacro %}
