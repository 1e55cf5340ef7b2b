with account_snapshots as (
    select * from {{ ref('int_account_snapshots') }}
),

matches as (
    select * from {{ ref('int_account_match_windows') }}
),

scored as (
    select * from {{ ref('int_ticket_sentiments') }}
    where sentiment_score is not null
),

-- An account without a scored message has no row: nothing is known, which is not the middle of the scale.
final as (
    select
        account_snapshots.account_id,
        account_snapshots.snapshot_date,
        sum(scored.sentiment_score) as sentiment_sum_180d,
        count(*) as messages_scored_180d,
        max(scored.written_on) as last_scored_on
    from account_snapshots
    inner join matches
        on
            account_snapshots.account_id = matches.account_id
            and matches.entity_type = 'support_organization'
            and {{ holds_on('matches', 'account_snapshots.snapshot_date') }}
    inner join scored
        on
            matches.entity_id = scored.support_organization_id
            and scored.written_on <= account_snapshots.snapshot_date
            and scored.written_on > {{ add_days('account_snapshots.snapshot_date', -180) }}
    group by account_snapshots.account_id, account_snapshots.snapshot_date
)

select * from final
