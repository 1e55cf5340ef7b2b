with owner_movements as (
    select * from {{ ref('int_owner_movements') }}
    where opening_mrr > 0 or transferred_mrr <> 0 or (closing_mrr > 0 and window_months = 1)
),

months as (
    select * from {{ ref('int_months') }}
),

assignments as (
    select * from {{ ref('fct_segment_assignments') }}
),

schemes as (
    select distinct segment_scheme from assignments
),

-- Every unit of MRR once in the total, and that of accounts once more in every scheme.
placed as (
    select
        owner_movements.*,
        'total' as segment_scheme,
        case when account_id is null then 'unmatched' else 'all_accounts' end as segment
    from owner_movements
    union all
    select
        owner_movements.*,
        schemes.segment_scheme,
        coalesce(assignments.segment, 'no_segment') as segment
    from owner_movements
    cross join schemes
    left join assignments
        on
            owner_movements.account_id = assignments.account_id
            and schemes.segment_scheme = assignments.segment_scheme
            and {{ holds_on('assignments', 'owner_movements.opened_on') }}
    where owner_movements.account_id is not null
),

totals as (
    select
        month,
        segment_scheme,
        segment,
        {{ mrr_in_window(1, 'opening_mrr') }} as opening_mrr,
        {{ mrr_moved(1, ['new']) }} as new_mrr,
        {{ mrr_moved(1, ['reactivation']) }} as reactivation_mrr,
        {{ mrr_moved(1, ['expansion']) }} as expansion_mrr,
        {{ mrr_moved(1, ['contraction']) }} as contraction_mrr,
        {{ mrr_moved(1, ['churn']) }} as churn_mrr,
        {{ mrr_in_window(1, 'transferred_mrr') }} as transferred_mrr,
        {{ mrr_in_window(1, 'closing_mrr') }} as closing_mrr,
        {{ owners_in_window(1, 'opening_mrr > 0') }} as opening_customers,
        {{ owners_in_window(1, 'opening_mrr > 0 and is_active = 0 and transferred_mrr = 0') }} as churned_customers,
        {{ mrr_in_window(12, 'opening_mrr') }} as opening_mrr_12m,
        {{ mrr_moved(12, ['expansion']) }} as expansion_mrr_12m,
        {{ mrr_moved(12, ['contraction', 'churn']) }} as lost_mrr_12m,
        {{ owners_in_window(12, 'opening_mrr > 0') }} as opening_customers_12m,
        {{ owners_in_window(12, 'opening_mrr > 0 and is_active = 0 and transferred_mrr = 0') }} as churned_customers_12m
    from placed
    group by month, segment_scheme, segment
),

-- What is unmatched leaves by being matched, too: no rate of it would mean anything.
opened as (
    select
        *,
        case when segment <> 'unmatched' then opening_mrr end as rated_mrr,
        case when segment <> 'unmatched' then opening_mrr_12m end as rated_mrr_12m,
        case when segment <> 'unmatched' then opening_customers end as rated_customers,
        case when segment <> 'unmatched' then opening_customers_12m end as rated_customers_12m
    from totals
),

final as (
    select
        opened.month,
        opened.segment_scheme,
        opened.segment,
        opened.opening_mrr,
        opened.new_mrr,
        opened.reactivation_mrr,
        opened.expansion_mrr,
        opened.contraction_mrr,
        opened.churn_mrr,
        opened.transferred_mrr,
        opened.closing_mrr,
        opened.opening_customers,
        opened.churned_customers,
        {{ retention_rate('opened.opening_mrr + opened.expansion_mrr + opened.contraction_mrr + opened.churn_mrr', 'opened.rated_mrr') }} as nrr,
        {{ retention_rate('opened.opening_mrr + opened.contraction_mrr + opened.churn_mrr', 'opened.rated_mrr') }} as grr,
        {{ retention_rate('opened.churned_customers', 'opened.rated_customers') }} as logo_churn,
        opened.opening_mrr_12m,
        opened.expansion_mrr_12m,
        opened.lost_mrr_12m,
        opened.opening_customers_12m,
        opened.churned_customers_12m,
        {{ retention_rate('opened.opening_mrr_12m + opened.expansion_mrr_12m + opened.lost_mrr_12m', 'opened.rated_mrr_12m') }} as nrr_12m,
        {{ retention_rate('opened.opening_mrr_12m + opened.lost_mrr_12m', 'opened.rated_mrr_12m') }} as grr_12m,
        {{ retention_rate('opened.churned_customers_12m', 'opened.rated_customers_12m') }} as logo_churn_12m,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        months.is_complete
    from opened
    inner join months
        on opened.month = months.month
)

select * from final
