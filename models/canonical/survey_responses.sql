{{ canonical_table('survey_responses', {
    'response_id': 'text',
    'source_system': 'text',
    'respondent_id': 'text',
    'account_reference': 'text',
    'domain': 'text',
    'survey_type': 'text',
    'score': 'number',
    'responded_at': 'timestamp',
}) }}
