{#-
  What must exist in the engine before the first model runs; dbt calls it at the start of every command that runs nodes.
  Dispatched because only PostgreSQL needs anything: it has no cast that gives null for a cell that cannot be read, and
  catching the error instead costs a subtransaction a cell and forbids parallel plans. Functions look before they cast.
-#}
{% macro prepare_engine() -%}
    {{ return(adapter.dispatch('prepare_engine', 'strata')()) }}
{%- endmacro %}

{% macro default__prepare_engine() -%}{%- endmacro %}

{#- The schema that the functions live in: beside the schemas of the models, so that two builds never share one. -#}
{% macro postgres_function(name) -%}
    {{ return('"' ~ target.schema ~ '_functions".' ~ name) }}
{%- endmacro %}

{#- Every function: name, arguments, result, body. A typed cell passes as it is, without a detour through text. -#}
{% macro postgres__prepare_engine() -%}
    create schema if not exists "{{ target.schema }}_functions";

    create or replace function {{ postgres_function('try_number') }}(cell text, scale integer, lowest numeric, highest numeric)
    returns numeric language plpgsql immutable strict parallel safe as $body$
    declare
        number numeric;
    begin
        if cell !~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$' then
            return null;
        end if;
        number := round(cast(cell as numeric), scale);
        return case when number between lowest and highest then number end;
    end
    $body$;

    create or replace function {{ postgres_function('try_timestamp') }}(cell text)
    returns timestamp language plpgsql immutable strict parallel safe as $body$
    declare
        -- year, separator, month, day, hour, minute, second, fraction
        part text[] := regexp_match(cell, '^([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})(?:(?:T| +)([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})([.][0-9]+)?)? *(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$');
    begin
        if
            part is null
            or cast(part[1] as integer) < 1
            or cast(part[3] as integer) not between 1 and 12
            or cast(part[4] as integer) < 1
            or cast(part[4] as integer) > extract(day from make_date(cast(part[1] as integer), cast(part[3] as integer), 1) + interval '1 month' - interval '1 day')
            or coalesce(cast(part[6] as integer), 0) > 59
            or coalesce(cast(part[7] as integer), 0) > 59
            or (
                coalesce(cast(part[5] as integer), 0) > 23
                and (cast(part[5] as integer) > 24 or cast(part[6] as integer) > 0 or coalesce(cast(part[7] as integer), 0) > 0)
            )
        then
            return null;
        end if;
        return make_date(cast(part[1] as integer), cast(part[3] as integer), cast(part[4] as integer))
            + make_interval(
                hours => coalesce(cast(part[5] as integer), 0),
                mins => coalesce(cast(part[6] as integer), 0),
                -- Beyond microseconds the digits are cut off, not rounded.
                secs => cast(coalesce(part[7], '0') || coalesce(left(part[8], 7), '') as double precision)
            );
    end
    $body$;

    create or replace function {{ postgres_function('try_timestamp') }}(cell timestamp)
    returns timestamp language sql immutable parallel safe as $body$ select cell $body$;

    create or replace function {{ postgres_function('try_timestamp') }}(cell timestamptz)
    returns timestamp language sql immutable parallel safe as $body$ select cell at time zone 'UTC' $body$;

    create or replace function {{ postgres_function('timestamp_utc') }}(cell text)
    returns timestamp language plpgsql immutable strict parallel safe as $body$
    declare
        trimmed text := trim(cell);
        shift text[];
    begin
        if trimmed ~ '^[0-9]{13}$' then
            return timestamp '1970-01-01' + cast(trimmed as bigint) * interval '1 millisecond';
        elsif trimmed ~ '^[0-9]{10}$' then
            return timestamp '1970-01-01' + cast(trimmed as bigint) * interval '1 second';
        end if;
        shift := case when length(trimmed) > 10 then regexp_match(trimmed, '[^ ]([+-])([0-9]{2}):?([0-9]{2})?$') end;
        if shift is null then
            return case
                when length(trimmed) <= 10 or trimmed !~ '[+-][0-9]{2}(:?[0-9]{2})?$'
                    then {{ postgres_function('try_timestamp') }}(trimmed)
            end;
        end if;
        return {{ postgres_function('try_timestamp') }}(trimmed)
            - make_interval(hours => cast(shift[1] || shift[2] as integer), mins => cast(shift[1] || coalesce(shift[3], '0') as integer));
    end
    $body$;

    create or replace function {{ postgres_function('timestamp_utc') }}(cell timestamp)
    returns timestamp language sql immutable parallel safe as $body$ select cell $body$;

    create or replace function {{ postgres_function('timestamp_utc') }}(cell timestamptz)
    returns timestamp language sql immutable parallel safe as $body$ select cell at time zone 'UTC' $body$;

    create or replace function {{ postgres_function('timestamp_utc') }}(cell date)
    returns timestamp language sql immutable parallel safe as $body$ select cast(cell as timestamp) $body$;

    create or replace function {{ postgres_function('timestamp_utc') }}(cell bigint)
    returns timestamp language sql immutable parallel safe as $body$ select {{ postgres_function('timestamp_utc') }}(cast(cell as text)) $body$;

    create or replace function {{ postgres_function('timestamp_day_first') }}(cell text)
    returns timestamp language plpgsql immutable strict parallel safe as $body$
    declare
        part text[] := regexp_match(trim(cell), '^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2})?)?$');
    begin
        return case
            when part is not null
                then {{ postgres_function('try_timestamp') }}(part[3] || '-' || part[2] || '-' || part[1] || coalesce(part[4], ''))
        end;
    end
    $body$;

    -- JSON is the one thing that cannot be looked at first; before PostgreSQL 16 the error itself is the answer.
    create or replace function {{ postgres_function('try_json') }}(cell text)
    returns json language plpgsql immutable strict parallel restricted as $body$
    begin
        return cast(cell as json);
    exception when others then
        return null;
    end
    $body$;
{%- endmacro %}
