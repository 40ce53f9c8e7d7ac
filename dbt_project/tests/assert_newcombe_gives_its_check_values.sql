-- 680 of 800 against 6,624 of 9,200: 13.0 points more, 10.2 to 15.5.
with counted as (
    select
        680 as a_successes,
        800 as a_n,
        6624 as b_successes,
        9200 as b_n
),

rated as (
    select
        {{ rate_columns('a', 'a_successes', 'a_n') }},
        {{ rate_columns('b', 'b_successes', 'b_n') }}
    from counted
),

computed as (
    select
        a - b as difference,
        {{ newcombe_low('a', 'a_low', 'b', 'b_high') }} as difference_low,
        {{ newcombe_high('a', 'a_high', 'b', 'b_low') }} as difference_high
    from rated
)

select *
from computed
where
    difference_low is null
    or abs(difference - 0.130) > 0.0005
    or abs(difference_low - 0.102) > 0.0005
    or abs(difference_high - 0.155) > 0.0005
