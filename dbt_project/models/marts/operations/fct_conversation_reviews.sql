with reviews as (
    select * from {{ ref('stg_scoring__reviews') }}
    where score is not null
),

scores as (
    select * from {{ ref('int_scores__latest') }}
    where is_champion
),

newest as (
    select
        workspace_id,
        source,
        conversation_id,
        max(version_at) as version_at
    from reviews
    group by workspace_id, source, conversation_id
),

united as (
    select
        reviews.workspace_id,
        reviews.source,
        reviews.conversation_id,
        reviews.version_at,
        count(*) filter (where reviews.role = 'reviewer') as reviewers,
        min(reviews.score) filter (where reviews.role = 'reviewer') as reviewers_lowest,
        max(reviews.score) filter (where reviews.role = 'reviewer') as reviewers_highest,
        avg(cast(reviews.score as double precision)) filter (where reviews.role = 'reviewer') as reviewers_mean,
        max(reviews.score) filter (where reviews.role = 'adjudicator') as adjudicated_score,
        bool_or(reviews.drawn_by = 'random_control') as is_control,
        bool_or(reviews.saw_score) as saw_score,
        max(reviews.reviewed_at) as last_reviewed_at,
        {{ lines_of("reviews.reviewer || ': ' || reviews.comment", bytewise('reviews.reviewer')) }} as comments
    from reviews
    inner join newest
        on {{ same_conversation('reviews', 'newest') }} and reviews.version_at = newest.version_at
    group by reviews.workspace_id, reviews.source, reviews.conversation_id, reviews.version_at
),

weighed as (
    select
        *,
        coalesce(adjudicated_score, case when reviewers_lowest = reviewers_highest then reviewers_lowest end)
            as settled_score,
        coalesce(adjudicated_score, reviewers_mean) as people_score
    from united
)

select
    ---------- identity
    weighed.workspace_id,
    weighed.source,
    weighed.conversation_id,
    weighed.version_at,

    ---------- people
    weighed.reviewers,
    weighed.people_score,
    cast(weighed.settled_score as integer) as settled_score,
    weighed.settled_score is null as is_disputed,
    weighed.is_control,
    weighed.saw_score,
    weighed.comments,
    weighed.last_reviewed_at,

    ---------- machine
    scores.scorer_version,
    cast(scores.score as integer) as score,

    ---------- side by side
    cast(coalesce(weighed.settled_score, scores.score) as integer) as final_score,
    case
        when weighed.adjudicated_score is not null then 'adjudicator'
        when weighed.settled_score is not null then 'reviewers'
        when scores.score is not null then 'scorer'
    end as final_from,
    weighed.people_score < {{ negative_to() }} + 0.5 as is_negative_by_people,
    scores.score <= {{ negative_to() }} as is_negative_by_scorer,
    coalesce(weighed.settled_score <> scores.score, false) as is_overridden
from weighed
left join scores
    on
        {{ same_conversation('weighed', 'scores') }}
        and weighed.version_at = scores.version_at
