-- Published values of the Wilson 95 % interval, to the tenth of a percent at which they are given.
with checks as (
    select published.*
    from (
        values
        (4, 5, 0.376, 0.964),
        (24, 30, 0.627, 0.905),
        (80, 100, 0.711, 0.867),
        (400, 500, 0.763, 0.833),
        (5, 5, 0.566, 1.0),
        (0, 5, 0.0, 0.434)
    ) as published (successes, n, low, high)
),

computed as (
    select
        *,
        {{ wilson_low('successes', 'n') }} as computed_low,
        {{ wilson_high('successes', 'n') }} as computed_high
    from checks
)

select *
from computed
where
    computed_low is null
    or computed_high is null
    or abs(computed_low - low) > 0.0005
    or abs(computed_high - high) > 0.0005
    or computed_low < 0
    or computed_high > 1
