with weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

reports as (
    select * from {{ ref('validation_reports') }}
),

-- A gold set is a sample like any other: under ten of either kind it corrects nothing.
judged as (
    select
        weeks.workspace_id,
        weeks.week_start,
        weeks.scored,
        weeks.positive,
        reports.gold_positive,
        reports.true_positive,
        reports.gold_negative,
        reports.true_negative,
        least(weeks.scored, reports.gold_positive, reports.gold_negative) as fewest,
        cast(weeks.positive as double precision) / nullif(weeks.scored, 0) as rate,
        cast(reports.true_positive as double precision) / nullif(reports.gold_positive, 0) as sensitivity,
        cast(reports.true_negative as double precision) / nullif(reports.gold_negative, 0) as specificity
    from weeks
    inner join reports on weeks.scorer_version = reports.scorer_version
),

corrected as (
    select
        *,
        {{ rogan_gladen('rate', 'sensitivity', 'specificity') }} as cx_score_corrected,
        {{ rogan_gladen_low(
            'positive', 'scored', 'true_positive', 'gold_positive', 'true_negative', 'gold_negative'
        ) }} as cx_score_corrected_low,
        {{ rogan_gladen_high(
            'positive', 'scored', 'true_positive', 'gold_positive', 'true_negative', 'gold_negative'
        ) }} as cx_score_corrected_high
    from judged
),

final as (
    select
        workspace_id,
        week_start,
        gold_positive,
        true_positive,
        gold_negative,
        true_negative,
        {{ shown('cx_score_corrected', 'fewest') }} as cx_score_corrected,
        {{ shown('cx_score_corrected_low', 'fewest') }} as cx_score_corrected_low,
        {{ shown('cx_score_corrected_high', 'fewest') }} as cx_score_corrected_high
    from corrected
)

select * from final
