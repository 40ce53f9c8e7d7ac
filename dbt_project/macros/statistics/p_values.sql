{#- Tests of significance, and what keeps many of them honest. A p-value is shown through `tested`, which asks for 30
    observations in each arm; the macros themselves answer for any n, so that the rule has one home. -#}

{#- A p-value, or null where an arm is too small to be tested. -#}
{% macro tested(p, a_n, b_n) -%}
    case when {{ a_n }} >= {{ ample_n() }} and {{ b_n }} >= {{ ample_n() }} then {{ p }} end
{%- endmacro %}


{#- Two independent rates, two-sided, variance pooled: a of a_n against b of b_n. Null where an arm is empty; 1 where
    all or none of both arms succeeded, as then nothing tells them apart. -#}
{% macro two_proportion_p(a, a_n, b, b_n) -%}
    {%- set pooled = '(cast(' ~ a ~ ' + ' ~ b ~ ' as double precision) / (' ~ a_n ~ ' + ' ~ b_n ~ '))' -%}
    {%- set difference -%}
        (cast({{ a }} as double precision) / {{ a_n }} - cast({{ b }} as double precision) / {{ b_n }})
    {%- endset -%}
    {%- set error -%}
        sqrt(
            {{ pooled }} * (1 - {{ pooled }})
            * (1 / cast({{ a_n }} as double precision) + 1 / cast({{ b_n }} as double precision))
        )
    {%- endset -%}
    case
        when not ({{ a_n }} > 0 and {{ b_n }} > 0) then null
        when {{ a }} + {{ b }} = 0 or {{ a }} + {{ b }} = {{ a_n }} + {{ b_n }} then 1.0
        else {{ two_sided_p('(' ~ difference ~ ' / ' ~ error ~ ')') }}
    end
{%- endmacro %}


{#- Successes and failures that each arm must have to expect, were both rates the same: below it the normal
    approximation of `two_proportion_p` no longer holds (Cochran's rule). For rates near 0 or 1, 30 in an arm are not
    enough. Whether a pair is tested hangs on the sum of both arms alone, so the choice does not favour differences. -#}
{% macro minimum_expected() -%} 5 {%- endmacro %}

{% macro enough_expected(a, a_n, b, b_n) -%}
    {%- set smaller = 'least(' ~ a_n ~ ', ' ~ b_n ~ ')' -%}
    {%- set needed = '(' ~ minimum_expected() ~ ' * (' ~ a_n ~ ' + ' ~ b_n ~ '))' -%}
    {{ smaller }} * ({{ a }} + {{ b }}) >= {{ needed }}
    and {{ smaller }} * ({{ a_n }} - {{ a }} + {{ b_n }} - {{ b }}) >= {{ needed }}
{%- endmacro %}


{#- McNemar's test of two answers about the same conversations, from the pairs in which only the first and only the
    second says yes: chi-square with one degree of freedom, without a correction. Small numbers: null under 10 such
    pairs, where the approximation is no longer good enough to be shown. -#}
{% macro mcnemar_p(only_first, only_second) -%}
    {%- set z -%}
        (({{ only_first }} - {{ only_second }}) / sqrt(cast({{ only_first }} + {{ only_second }} as double precision)))
    {%- endset -%}
    case when {{ only_first }} + {{ only_second }} >= {{ minimum_n() }} then {{ two_sided_p(z) }} end
{%- endmacro %}


{#- Benjamini and Hochberg's q-values take two steps, as a window may not stand in a window: a CTE with
    `benjamini_hochberg_step(p, ...) as step`, then `benjamini_hochberg_q('step', p, ...)`. Each is the smallest rate of
    false discoveries at which this row would be flagged; 0.10 is ours. Rows without a p-value get no q-value and do not
    count as tests. `partition_by` lists the columns that make one family of tests. -#}
{% macro benjamini_hochberg_step(p, partition_by) -%}
    case
        when {{ p }} is not null
            then {{ p }}
                * count({{ p }}) over (partition by {{ partition_by }})
                / count({{ p }}) over (
                    partition by {{ partition_by }}
                    order by {{ p }} range between unbounded preceding and current row
                )
    end
{%- endmacro %}

{% macro benjamini_hochberg_q(step, p, partition_by) -%}
    case
        when {{ p }} is not null
            then least(1.0, min({{ step }}) over (
                partition by {{ partition_by }}
                order by {{ p }} desc range between unbounded preceding and current row
            ))
    end
{%- endmacro %}

{#- The rate of false discoveries that a flag may have. -#}
{% macro q_limit() -%} 0.10 {%- endmacro %}
