with digits as (
    select digit.* from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as digit (n)
),

numbers as (
    select ones.n + 10 * tens.n + 100 * hundreds.n + 1000 * thousands.n as n
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
),

final as (
    select cast({{ plus_days("cast('2015-01-01' as date)", 'n') }} as date) as calendar_day
    from numbers
)

select * from final
