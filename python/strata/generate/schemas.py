"""The raw tables as connectors land them: names and types of every column delivered."""

from __future__ import annotations

import pyarrow as pa

TableKey = tuple[str, str]
"""(system, table)."""

_TYPES: dict[str, pa.DataType] = {
    "t": pa.string(),
    "i": pa.int64(),
    "n": pa.float64(),
    "b": pa.bool_(),
    "ts": pa.timestamp("us"),
}


def _schema(spec: str) -> pa.Schema:
    """A schema from "name:type name:type …"; without a type it is text."""
    fields = [entry.partition(":")[::2] for entry in spec.split()]
    return pa.schema([pa.field(name, _TYPES[kind or "t"]) for name, kind in fields])


_ACCOUNT = (
    "id name type industry billing_country number_of_employees:i annual_revenue:n website account_number parent_id "
    "owner_id master_record_id created_date:ts is_deleted:b "
)

SCHEMAS: dict[TableKey, pa.Schema] = {
    ("salesforce", "account"): _schema(_ACCOUNT + "_fivetran_active:b _fivetran_synced:ts"),
    ("salesforce", "account_history"): _schema(
        _ACCOUNT + "_fivetran_start:ts _fivetran_end:ts _fivetran_active:b _fivetran_synced:ts"
    ),
    ("salesforce", "contact"): _schema(
        "id account_id first_name last_name name email title department created_date:ts last_modified_date:ts "
        "email_bounced_date:ts is_deleted:b _fivetran_synced:ts"
    ),
    ("salesforce", "opportunity"): _schema(
        "id account_id name type stage_name amount:n probability:n created_date:ts close_date:ts is_closed:b is_won:b "
        "owner_id is_deleted:b _fivetran_synced:ts"
    ),
    ("salesforce", "task"): _schema(
        "id account_id what_id who_id owner_id subject type task_subtype status call_disposition activity_date:ts "
        "completed_date_time:ts created_date:ts is_closed:b is_deleted:b _fivetran_synced:ts"
    ),
    ("salesforce", "event"): _schema(
        "id account_id what_id who_id owner_id type subject start_date_time:ts end_date_time:ts activity_date_time:ts "
        "created_date:ts is_deleted:b _fivetran_synced:ts"
    ),
    ("salesforce", "user"): _schema(
        "id name email title is_active:b user_role_id _fivetran_deleted:b _fivetran_synced:ts"
    ),
    ("stripe", "customer"): _schema(
        "id name email metadata currency created:ts delinquent:b is_deleted:b livemode:b _fivetran_synced:ts"
    ),
    ("stripe", "subscription_history"): _schema(
        "id customer_id status start_date:ts created:ts trial_start:ts trial_end:ts cancel_at:ts canceled_at:ts "
        "ended_at:ts cancel_at_period_end:b current_period_start:ts current_period_end:ts quantity:i metadata "
        "livemode:b _fivetran_start:ts _fivetran_end:ts _fivetran_active:b _fivetran_synced:ts"
    ),
    ("stripe", "subscription_item"): _schema(
        "id subscription_id plan_id quantity:i created:ts current_period_start:ts current_period_end:ts metadata "
        "_fivetran_start:ts _fivetran_end:ts _fivetran_active:b _fivetran_synced:ts"
    ),
    ("stripe", "price"): _schema(
        "id product_id currency unit_amount:i unit_amount_decimal recurring_interval recurring_interval_count:i "
        "recurring_usage_type type billing_scheme nickname active:b is_deleted:b created:ts metadata livemode:b "
        "_fivetran_synced:ts"
    ),
    ("stripe", "product"): _schema(
        "id name active:b metadata unit_label type is_deleted:b created:ts livemode:b _fivetran_synced:ts"
    ),
    ("stripe", "coupon"): _schema(
        "id name percent_off:n amount_off:i currency duration duration_in_months:i valid:b created:ts livemode:b "
        "_fivetran_synced:ts"
    ),
    ("stripe", "subscription_discount"): _schema(
        "id subscription_id customer_id coupon_id start:ts end:ts _fivetran_synced:ts"
    ),
    ("stripe", "invoice"): _schema(
        "id customer_id subscription_id number status currency amount_due:i amount_paid:i amount_remaining:i "
        "subtotal:i total:i attempt_count:i billing_reason created:ts due_date:ts period_start:ts period_end:ts "
        "status_transitions_paid_at:ts status_transitions_voided_at:ts is_deleted:b livemode:b _fivetran_synced:ts"
    ),
    ("stripe", "invoice_line_item"): _schema(
        "id invoice_id subscription_id subscription_item_id price_id amount:i currency quantity:i period_start:ts "
        "period_end:ts proration:b type description _fivetran_synced:ts"
    ),
    ("stripe", "charge"): _schema(
        "id customer_id invoice_id amount:i amount_refunded:i currency status paid:b refunded:b failure_code "
        "created:ts livemode:b _fivetran_synced:ts"
    ),
    ("segment", "tracks"): _schema(
        "id anonymous_id user_id context_group_id event event_text timestamp:ts original_timestamp:ts sent_at:ts "
        "received_at:ts properties"
    ),
    ("segment", "identifies"): _schema(
        "id user_id anonymous_id email name role timestamp:ts sent_at:ts received_at:ts"
    ),
    ("segment", "groups"): _schema(
        "id user_id group_id name domain salesforce_account_id timestamp:ts sent_at:ts received_at:ts"
    ),
    ("zendesk", "organization"): _schema(
        "id:i name external_id details created_at:ts updated_at:ts _fivetran_synced:ts"
    ),
    ("zendesk", "domain_name"): _schema("organization_id:i index:i domain_name _fivetran_synced:ts"),
    ("zendesk", "user"): _schema(
        "id:i organization_id:i email name role active:b created_at:ts updated_at:ts _fivetran_synced:ts"
    ),
    ("zendesk", "ticket"): _schema(
        "id:i organization_id:i requester_id:i assignee_id:i priority status type subject description via_channel "
        "created_at:ts updated_at:ts _fivetran_deleted:b _fivetran_synced:ts"
    ),
    ("zendesk", "ticket_field_history"): _schema(
        "ticket_id:i field_name updated:ts value user_id:i _fivetran_synced:ts"
    ),
    ("zendesk", "ticket_comment"): _schema(
        "id:i ticket_id:i user_id:i body created:ts public:b _fivetran_synced:ts"
    ),
    ("qualtrics", "survey"): _schema("id survey_name survey_status _fivetran_deleted:b _fivetran_synced:ts"),
    ("qualtrics", "question"): _schema(
        "id survey_id question_text question_type data_export_tag _fivetran_deleted:b _fivetran_synced:ts"
    ),
    ("qualtrics", "survey_response"): _schema(
        "id survey_id recipient_email distribution_channel user_language finished:i status:i progress:i "
        "duration_in_seconds:i start_date:ts end_date:ts recorded_date:ts _fivetran_synced:ts"
    ),
    ("qualtrics", "question_response"): _schema(
        "_fivetran_id response_id question_id question value text _fivetran_synced:ts"
    ),
    ("qualtrics", "survey_embedded_data"): _schema("response_id key value import_id _fivetran_synced:ts"),
}  # fmt: skip

KEYS: dict[TableKey, tuple[str, ...]] = {
    ("salesforce", "account_history"): ("id", "_fivetran_start"),
    ("stripe", "subscription_history"): ("id", "_fivetran_start"),
    ("stripe", "subscription_item"): ("id", "_fivetran_start"),
    ("zendesk", "domain_name"): ("organization_id", "index"),
    ("zendesk", "ticket_field_history"): ("ticket_id", "field_name", "updated"),
    ("qualtrics", "question"): ("id", "survey_id"),
    ("qualtrics", "question_response"): ("_fivetran_id",),
    ("qualtrics", "survey_embedded_data"): ("response_id", "key"),
}
"""Key columns of the tables whose key is not `id`."""


def key_columns(key: TableKey) -> tuple[str, ...]:
    """The columns that identify a row of a raw table."""
    return KEYS.get(key, ("id",))
