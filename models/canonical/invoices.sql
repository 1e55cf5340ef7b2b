{{ canonical_table('invoices', {
    'invoice_id': 'text',
    'source_system': 'text',
    'customer_id': 'text',
    'subscription_id': 'text',
    'currency': 'text',
    'amount_due': 'money',
    'amount_without_tax': 'money',
    'issued_at': 'timestamp',
    'due_at': 'timestamp',
    'paid_at': 'timestamp',
    'voided_at': 'timestamp',
    'given_up_at': 'timestamp',
}) }}
