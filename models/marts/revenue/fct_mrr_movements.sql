with movements as (
    select * from {{ ref('int_owner_movements') }}
    where window_months = 1 and account_id is not null
),

-- A merger comes first: what is left of the month is told of what the heir has by then.
told as (
    select
        account_id,
        month,
        'transfer' as movement,
        opening_mrr,
        opening_mrr + transferred_mrr as closing_mrr,
        is_complete
    from movements
    where transferred_mrr <> 0
    union all
    select
        account_id,
        month,
        movement,
        opening_mrr + transferred_mrr as opening_mrr,
        closing_mrr,
        is_complete
    from movements
    where movement is not null
),

final as (
    select
        account_id,
        month,
        movement,
        cast(closing_mrr - opening_mrr as decimal(18, 4)) as mrr,
        cast(opening_mrr as decimal(18, 4)) as opening_mrr,
        cast(closing_mrr as decimal(18, 4)) as closing_mrr,
        cast('{{ var("reporting_currency") }}' as {{ dbt.type_string() }}) as currency,
        is_complete
    from told
)

select * from final
