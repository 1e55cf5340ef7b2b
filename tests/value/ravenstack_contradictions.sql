{{ config(enabled=system_is_on('ravenstack'), severity='warn') }}

-- Ravenstack's tables contradict one another. The rows are sound one by one, so none is rejected and none is put right: each kind
-- of contradiction that occurs is a line here, with the rows it concerns, and a warning in the log of every build.
select
    contradiction,
    affected_rows,
    looked_at_rows
from {{ ref('ravenstack__contradictions') }}
where affected_rows > 0
