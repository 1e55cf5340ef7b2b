{{ canonical_table('payments', {
    'payment_id': 'text',
    'source_system': 'text',
    'customer_id': 'text',
    'invoice_id': 'text',
    'currency': 'text',
    'amount': 'money',
    'attempted_at': 'timestamp',
    'is_successful': 'boolean',
    'is_pending': 'boolean',
}) }}
