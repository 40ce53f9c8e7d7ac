with weeks as (
    select * from {{ ref('int_conversations__weekly') }}
),

mix as (
    select * from {{ ref('int_cx_mix__weekly') }}
),

bridges as (
    select * from {{ ref('int_scorer_bridges__weekly') }}
),

rated as (
    select
        workspace_id,
        week_start,
        scorer_version,
        scored,
        {{ rate_columns('cx_score', 'positive', 'scored') }}
    from weeks
),

-- Only the calendar week before is compared, and only where the same scorer made both scores.
compared as (
    select
        rated.workspace_id,
        rated.week_start,
        {{ independent_difference('cx_score_week', 'rated.cx_score', 'before.cx_score') }},
        least(rated.scored, before.scored) < {{ ample_n() }} as is_too_small
    from rated
    inner join rated as before
        on
            rated.workspace_id = before.workspace_id
            and rated.week_start = cast({{ plus_days('before.week_start', 7) }} as date)
            and rated.scorer_version = before.scorer_version
),

bridge_rated as (
    select
        *,
        {{ rate_columns('after', 'after_positive', 'after_scored') }},
        {{ rate_columns('before', 'before_positive', 'before_scored') }},
        {{ rate_columns('new', 'new_positive', 'bridge_scored') }},
        {{ rate_columns('old', 'old_positive', 'bridge_scored') }},
        {{ paired_phi('both_positive', 'new_positive', 'old_positive', 'bridge_scored') }} as phi
    from bridges
),

bridged as (
    select
        workspace_id,
        week_start,
        scorer_version_before,
        bridge_scored,
        bridge_scorer_version,
        new - old as scorer_shift_diff,
        new - old - sqrt({{ paired_distance('new - new_low', 'old_high - old', 'phi') }}) as scorer_shift_diff_low,
        new - old + sqrt({{ paired_distance('new_high - new', 'old - old_low', 'phi') }}) as scorer_shift_diff_high,
        {{ independent_difference('cx_score_bridge', 'after', 'before') }},
        bridge_scored > 0 and least(after_scored, before_scored) < {{ ample_n() }} as is_too_small
    from bridge_rated
),

final as (
    select
        weeks.workspace_id,
        weeks.week_start,
        compared.cx_score_week_diff,
        compared.cx_score_week_diff_low,
        compared.cx_score_week_diff_high,
        compared.cx_score_week_rel,
        case when compared.cx_score_week_diff is not null then mix.rate_part end as cx_score_week_rate_diff,
        case when compared.cx_score_week_diff is not null then mix.mix_part end as cx_score_week_mix_diff,
        {{ change_label('compared', 'cx_score_week_diff') }} as cx_score_week_label,
        bridged.workspace_id is not null as is_scorer_break,
        bridged.scorer_version_before,
        bridged.bridge_scored,
        bridged.bridge_scorer_version,
        bridged.scorer_shift_diff,
        bridged.scorer_shift_diff_low,
        bridged.scorer_shift_diff_high,
        bridged.cx_score_bridge_diff,
        bridged.cx_score_bridge_diff_low,
        bridged.cx_score_bridge_diff_high,
        bridged.cx_score_bridge_rel,
        {{ change_label('bridged', 'cx_score_bridge_diff') }} as cx_score_bridge_label
    from weeks
    left join compared
        on
            weeks.workspace_id = compared.workspace_id
            and weeks.week_start = compared.week_start
    left join mix
        on
            weeks.workspace_id = mix.workspace_id
            and weeks.week_start = mix.week_start
    left join bridged
        on
            weeks.workspace_id = bridged.workspace_id
            and weeks.week_start = bridged.week_start
)

select * from final
