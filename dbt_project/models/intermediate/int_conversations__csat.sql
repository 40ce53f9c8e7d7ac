with versions as (
    select * from {{ ref('stg_helpdesk__conversations') }}
),

latest as (
    select * from {{ ref('int_conversations__latest') }}
),

-- A customer may rate again: of all answers that the versions show, the last one in time counts.
-- Where the latest version shows no rating at all, it was withdrawn, and no earlier one stands in for it.
answers_in_time as (
    select
        versions.workspace_id,
        versions.source,
        versions.conversation_id,
        versions.csat_rating,
        row_number() over (
            partition by versions.workspace_id, versions.source, versions.conversation_id
            order by versions.version_at desc
        ) as recency
    from latest
    inner join versions on {{ same_conversation('latest', 'versions') }}
    where
        latest.csat_rating is not null
        and versions.csat_rating is not null
        and (
            versions.csat_rated_at is null
            or coalesce(latest.last_closed_at, latest.first_closed_at) is null
            or versions.csat_rated_at
            <= {{ plus_days('coalesce(latest.last_closed_at, latest.first_closed_at)', 7) }}
        )
),

final as (
    select
        latest.workspace_id,
        latest.source,
        latest.conversation_id,
        answers_in_time.csat_rating as csat_rating_counted,
        -- A rating proves that it was asked for, also where the helpdesk keeps no time of the request.
        latest.csat_requested_at is not null or latest.csat_rating is not null as is_csat_requested,
        answers_in_time.csat_rating is not null as is_csat_rated,
        coalesce(answers_in_time.csat_rating >= {{ positive_from() }}, false) as is_csat_positive
    from latest
    left join answers_in_time
        on
            {{ same_conversation('latest', 'answers_in_time') }}
            and answers_in_time.recency = 1
)

select * from final
