with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

responses as (
    select
        response_id,
        respondent_id,
        survey_type,
        cast(score as decimal(9, 4)) as score,
        responded_at,
        {{ local_date('responded_at') }} as responded_on
    from {{ ref('survey_responses') }}
),

answered as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        responses.response_id,
        responses.survey_type,
        responses.score,
        responses.responded_at,
        responses.responded_on
    from account_snapshots
    inner join matches
        on
            account_snapshots.account_id = matches.account_id
            and matches.entity_type = 'survey_respondent'
            and {{ holds_on('matches', 'account_snapshots.snapshot_date') }}
    inner join responses
        on
            matches.entity_id = responses.respondent_id
            and responses.responded_on <= account_snapshots.snapshot_date
),

nps_ranked as (
    select
        *,
        row_number() over (
            partition by account_id, snapshot_date
            order by responded_at desc, {{ binary_order('response_id') }}
        ) as recency
    from answered
    where survey_type = 'nps'
),

nps as (
    select account_id, snapshot_date, score, responded_on from nps_ranked
    where recency = 1
),

csat as (
    select
        account_id,
        snapshot_date,
        sum(score) as csat_sum_180d,
        count(*) as csat_count_180d
    from answered
    where
        survey_type = 'csat'
        and responded_on > {{ add_days('snapshot_date', -180) }}
    group by account_id, snapshot_date
),

final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        nps.score as nps_score,
        {{ days_between('nps.responded_on', 'account_snapshots.snapshot_date') }} as nps_age_days,
        csat.csat_sum_180d,
        csat.csat_count_180d
    from account_snapshots
    left join nps
        on account_snapshots.account_id = nps.account_id and account_snapshots.snapshot_date = nps.snapshot_date
    left join csat
        on account_snapshots.account_id = csat.account_id and account_snapshots.snapshot_date = csat.snapshot_date
    where nps.account_id is not null or csat.account_id is not null
)

select * from final
