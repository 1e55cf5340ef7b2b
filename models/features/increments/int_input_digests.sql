with tickets as (
    select * from {{ ref('tickets') }}
),

solutions as (
    select
        tickets.support_organization_id,
        solutions.*
    from {{ ref('ticket_solutions') }} as solutions
    inner join tickets
        on solutions.ticket_id = tickets.ticket_id
),

subscriptions as (
    select * from {{ ref('int_subscription_periods') }}
),

cancellations as (
    select
        subscriptions.customer_id,
        cancellations.*
    from {{ ref('subscription_cancellations') }} as cancellations
    inner join subscriptions
        on cancellations.subscription_id = subscriptions.subscription_id
),

discounts as (
    select
        subscriptions.customer_id,
        discounts.*
    from {{ ref('subscription_discounts') }} as discounts
    inner join subscriptions
        on discounts.subscription_id = subscriptions.subscription_id
),

-- Where one version ends, the next begins: what matters of an end is in the next row, so a change does not reach back to the beginning.
attributes as (
    select
        account_id,
        valid_from,
        account_name,
        domain,
        parent_account_id,
        owner_user_id,
        industry,
        country,
        employees
    from {{ ref('int_account_attributes') }}
),

opportunities as (
    select
        opportunity_id,
        account_id,
        valid_from,
        opened_on,
        opportunity_type,
        stage_name,
        amount,
        closed_on,
        is_won
    from {{ ref('int_opportunity_versions') }}
    where account_id is not null
),

-- Unless the next one is another account's.
opportunity_ends as (
    select
        opportunity_id,
        account_id,
        valid_to
    from {{ ref('int_opportunity_versions') }}
    where account_id is not null and valid_to is not null
),

-- A workspace that was seen is silent since then, where nobody ever used it.
workspaces as (
    select
        entity_id,
        first_seen_on
    from {{ ref('int_match_entities') }}
    where entity_type = 'workspace' and first_seen_on is not null
),

-- Every row that a snapshot may depend on, with the date before which it cannot have mattered.
rows_read as (
    {{ input_digests('account', 'inputs.account_id', 'inputs.born_on', ref('int_account_lives')) }}
    union all
    {{ input_digests('account', 'inputs.account_id', 'inputs.valid_from', 'attributes') }}
    union all
    {{ input_digests('account', 'inputs.account_id', 'inputs.valid_from', ref('int_account_match_windows'), 'inputs.account_id is not null') }}
    union all
    {{ input_digests('account', 'inputs.account_id', 'greatest(inputs.valid_from, inputs.observed_from)', ref('int_account_usage_sources')) }}
    union all
    {{ input_digests('account', 'inputs.account_id', local_date('inputs.occurred_at'), ref('activities'), 'inputs.account_id is not null') }}
    union all
    {{ input_digests('account', 'inputs.account_id', local_date('inputs.created_at'), ref('contacts'), 'inputs.account_id is not null') }}
    union all
    {{ input_digests('account', 'inputs.account_id', 'inputs.valid_from', 'opportunities') }}
    union all
    {{ input_digests('account', 'inputs.account_id', 'inputs.valid_to', 'opportunity_ends') }}
    union all
    {{ input_digests('account', 'inputs.account_id', 'inputs.starts_on', ref('health_overrides')) }}
    union all
    {{ input_digests('account', 'inputs.account_id', 'inputs.starts_on', ref('segment_overrides')) }}
    union all
    {{ input_digests('account', 'inputs.account_id', 'inputs.given_on', ref('csm_pulses')) }}
    union all
    {{ input_digests('billing_customer', 'inputs.customer_id', 'inputs.valid_from', ref('int_subscription_item_periods')) }}
    union all
    {{ input_digests('billing_customer', 'inputs.customer_id', 'inputs.started_on', 'subscriptions') }}
    union all
    {{ input_digests('billing_customer', 'inputs.customer_id', local_date('inputs.requested_at'), 'cancellations') }}
    union all
    {{ input_digests('billing_customer', 'inputs.customer_id', local_date('inputs.valid_from'), 'discounts') }}
    union all
    {{ input_digests('billing_customer', 'inputs.customer_id', 'inputs.valid_from', ref('int_subscription_renewals')) }}
    union all
    {{ input_digests('billing_customer', 'inputs.customer_id', local_date('least(inputs.issued_at, inputs.due_at)'), ref('invoices')) }}
    union all
    {{ input_digests('billing_customer', 'inputs.customer_id', local_date('inputs.attempted_at'), ref('payments')) }}
    union all
    {{ input_digests('support_organization', 'inputs.support_organization_id', local_date('inputs.created_at'), 'tickets') }}
    union all
    {{ input_digests('support_organization', 'inputs.support_organization_id', local_date('inputs.solved_at'), 'solutions') }}
    union all
    {{ input_digests('support_organization', 'inputs.support_organization_id', 'inputs.written_on', ref('int_ticket_sentiments')) }}
    union all
    {{ input_digests('survey_respondent', 'inputs.respondent_id', local_date('inputs.responded_at'), ref('survey_responses')) }}
    union all
    {{ input_digests('workspace', 'inputs.workspace_id', 'inputs.activity_date', ref('int_workspace_days')) }}
    union all
    {{ input_digests('workspace', 'inputs.entity_id', 'inputs.first_seen_on', 'workspaces') }}
    union all
    {{ input_digests('everybody', "'feature_catalogue'", "'1900-01-01'", ref('feature_catalogue')) }}
    {%- for seed in policy_seeds() %}
    union all
    {{ input_digests('everybody', "'" ~ seed ~ "'", 'inputs.valid_from', ref(seed)) }}
    {%- endfor %}
    union all
    {{ input_digests('snapshot', "''", 'inputs.snapshot_date', ref('int_snapshots')) }}
),

-- Weeks keep the table small. A snapshot stands for itself: that of the run’s day is the current one only until the next run.
final as (
    select
        owner_type,
        owner_id,
        case
            when since is null then cast('1900-01-01' as date)
            when owner_type in ('snapshot', 'everybody') then since
            else cast({{ dbt.date_trunc('week', 'since') }} as date)
        end as since,
        cast(sum(digest) as decimal(38, 0)) as digest,
        cast(count(*) as bigint) as row_count
    from rows_read
    group by 1, 2, 3
    union all
    select 'everybody', '{{ code_digest() }}', cast('1900-01-01' as date), cast(0 as decimal(38, 0)), cast(1 as bigint)
)

select * from final
