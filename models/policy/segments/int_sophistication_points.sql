with features as (
    select
        *,
        'sophistication' as profile
    from {{ ref('int_account_features') }}
    where is_customer = 1
),

final as (
    {{ component_points('sophistication', 'features', 'features') }}
)

select * from final
