with accounts as (
    select * from {{ ref('dim_accounts') }}
),

actions as (
    select * from {{ ref('fct_recommended_actions') }}
),

-- Nothing that moves by itself from day to day, like days overdue: a record is sent again when it has something to say.
records as (
    select
        'accounts' as feed,
        account_id as record_key,
        account_id,
        as_of_date,
        {{ json_record({
            'account_id': 'account_id',
            'source_system': 'source_system',
            'source_account_id': 'source_account_id',
            'segment': 'segment',
            'segment_since': 'segment_since',
            'stage': 'stage',
            'stage_entered_on': 'stage_entered_on',
            'health_score': 'health_score',
            'health_band': 'health_band',
        }) }} as record
    from accounts
    union all
    select
        'actions' as feed,
        actions.action_id,
        actions.account_id,
        actions.as_of_date,
        {{ json_record({
            'action_id': 'actions.action_id',
            'account_id': 'actions.account_id',
            'source_system': 'accounts.source_system',
            'source_account_id': 'accounts.source_account_id',
            'play': 'actions.play',
            'action': 'actions.action',
            'action_status': 'actions.action_status',
            'suppressed_by': 'actions.suppressed_by',
            'owner_role': 'actions.owner_role',
            'csm_user_id': 'actions.csm_user_id',
            'priority': 'actions.priority',
            'opened_on': 'actions.opened_on',
            'due_on': 'actions.due_on',
            'times_raised': 'actions.times_raised',
            'reason': 'actions.opening_reason',
        }) }} as record
    from actions
    inner join accounts
        on actions.account_id = accounts.account_id
),

final as (
    select
        feed,
        record_key,
        account_id,
        as_of_date,
        cast(record as {{ dbt.type_string() }}) as record
    from records
)

select * from final
