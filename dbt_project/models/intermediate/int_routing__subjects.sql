with evidence as (
    select * from {{ ref('int_routing__evidence') }}
),

measured as (
    select
        route_key,
        route,
        workspace_id,
        feedback_class,
        feedback_topic_id,
        subject_source,
        subject_conversation_id,
        area,
        newest_version_at,
        count(*) as items,
        count(distinct customer_key) as customers,
        count(distinct account_key) as accounts,
        count(distinct conversation_key) as conversations,
        count(distinct customer_key) filter (
            where said_at > {{ plus_days('newest_version_at', -14) }}
        ) as customers_last_14_days,
        count(distinct customer_key) filter (
            where
            said_at <= {{ plus_days('newest_version_at', -14) }}
            and said_at > {{ plus_days('newest_version_at', -28) }}
        ) as customers_previous_14_days,
        max({{ severity_rank('severity') }}) as severity_rank,
        min(said_at) as first_seen_at,
        max(said_at) as last_seen_at,
        max(scorer_version) as scorer_version
    from evidence
    group by
        route_key,
        route,
        workspace_id,
        feedback_class,
        feedback_topic_id,
        subject_source,
        subject_conversation_id,
        area,
        newest_version_at
),

distinct_quotes as (
    select
        route_key,
        quote,
        coalesce(max({{ severity_rank('severity') }}), 0) as worst,
        max(said_at) as last_said_at
    from evidence
    group by route_key, quote
),

ranked_quotes as (
    select
        route_key,
        quote,
        row_number() over (
            partition by route_key
            order by worst desc, last_said_at desc, {{ bytewise('quote') }} asc
        ) as quote_rank
    from distinct_quotes
),

quotes as (
    select
        route_key,
        {{ lines_of("'“' || quote || '”'", 'quote_rank') }} as quotes
    from ranked_quotes
    where quote_rank <= 5
    group by route_key
),

final as (
    select
        measured.*,
        {{ severity_of_rank('measured.severity_rank') }} as severity,
        quotes.quotes
    from measured
    inner join quotes on measured.route_key = quotes.route_key
)

select * from final
