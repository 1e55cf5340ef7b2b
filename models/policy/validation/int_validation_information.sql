with ranks as (
    select * from {{ ref('int_validation_ranks') }}
    where decile is not null
),

tenths as (
    select
        subject,
        cohort,
        segment,
        decile,
        cast(sum(churned) as bigint) as churned,
        cast(sum(accounts - churned) as bigint) as stayed
    from ranks
    group by subject, cohort, segment, decile
),

totals as (
    select
        *,
        count(*) over (partition by subject, cohort, segment) as tenths,
        sum(churned) over (partition by subject, cohort, segment) as all_churned,
        sum(stayed) over (partition by subject, cohort, segment) as all_stayed
    from tenths
),

-- Half an account more in every cell, so that a tenth nobody left has a logarithm too. Doubles, of which every engine has the same.
shares as (
    select
        *,
        cast(churned + 0.5 as {{ type_double() }}) / cast(all_churned + 0.5 * tenths as {{ type_double() }}) as share_churned,
        cast(stayed + 0.5 as {{ type_double() }}) / cast(all_stayed + 0.5 * tenths as {{ type_double() }}) as share_stayed
    from totals
),

-- What a ranking that says nothing would show with so few churned: one degree of freedom less than there are tenths.
final as (
    select
        subject,
        cohort,
        segment,
        cast(sum(cast((share_stayed - share_churned) * ln(share_stayed / share_churned) as decimal(18, 10))) as decimal(9, 4)) as information_value,
        cast({{ divide_exact(
            '(max(tenths) - 1) * (cast(max(all_churned) as bigint) + cast(max(all_stayed) as bigint))',
            'nullif(cast(max(all_churned) as bigint) * cast(max(all_stayed) as bigint), 0)',
            4
        ) }} as decimal(9, 4)) as information_value_by_chance
    from shares
    group by subject, cohort, segment
)

select * from final
