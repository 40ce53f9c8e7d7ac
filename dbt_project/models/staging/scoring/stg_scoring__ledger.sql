with lake as (
    select * from {{ source('lake', 'ledger') }}
),

typed as (
    select
        called_on,
        judge_version,
        model,
        status,
        calls,
        input_tokens,
        output_tokens,
        cost_usd,
        unpriced
    from lake
)

select * from typed
