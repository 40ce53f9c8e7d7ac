with ledger as (
    select * from {{ ref('stg_scoring__ledger') }}
),

calls as (
    select * from {{ ref('stg_scoring__llm_calls') }}
),

scores as (
    select * from {{ ref('stg_scoring__conversation_scores') }}
),

-- Claims are paid for once: a later scorecard over the same claims costs nothing.
payers as (
    select
        judge_version,
        scorer_version,
        row_number() over (
            partition by judge_version
            order by min(scored_at), {{ bytewise('scorer_version') }}
        ) as turn
    from scores
    group by judge_version, scorer_version
),

spent as (
    select
        called_on,
        judge_version,
        max(model) as model,
        cast(sum(calls) as bigint) as calls,
        cast(coalesce(sum(calls) filter (where status = 'scored'), 0) as bigint) as answered,
        cast(sum(input_tokens) as bigint) as input_tokens,
        cast(sum(output_tokens) as bigint) as output_tokens,
        sum(cost_usd) as known_cost_usd,
        cast(sum(unpriced) as bigint) as unpriced
    from ledger
    group by called_on, judge_version
),

served as (
    select
        cast(started_at as date) as called_on,
        judge_version,
        cast(sum(conversations) as bigint) as versions,
        count(distinct cache_key) as answers
    from calls
    group by cast(started_at as date), judge_version
),

counted as (
    select
        spent.*,
        coalesce(payers.scorer_version, spent.judge_version) as scorer_version,
        coalesce(served.versions, 0) as versions,
        coalesce(served.versions - served.answers, 0) as versions_cached
    from spent
    left join payers on spent.judge_version = payers.judge_version and payers.turn = 1
    left join served on spent.called_on = served.called_on and spent.judge_version = served.judge_version
)

select
    called_on,
    scorer_version,
    judge_version,
    model,

    ---------- calls
    calls,
    answered,
    calls - answered as failed,
    {{ rate_columns('failed_rate', 'calls - answered', 'calls') }},
    {{ low_n('calls') }} as low_n,

    ---------- what the answers are used for
    versions,
    versions_cached,
    {{ rate_columns('cached_share', 'versions_cached', 'versions') }},

    ---------- what they took
    input_tokens,
    output_tokens,
    unpriced,
    case when unpriced = 0 then known_cost_usd end as cost_usd,
    case when unpriced = 0 and versions > 0 then 1000 * known_cost_usd / versions end as cost_usd_per_1000
from counted
