{#- How many standard errors from the middle a normal variable lies beyond with this chance, at most one half: the rational approximation of P. J. Acklam, to 9 digits. -#}
{% macro normal_quantile(tail) -%}
    {%- set q = 'sqrt(-2 * ln(' ~ tail ~ '))' -%}
    {%- set p = '(0.5 - ' ~ tail ~ ')' -%}
    {%- set r = p ~ ' * ' ~ p -%}
    case
        when {{ tail }} < 0.02425
            then -({{ polynomial(q, ['-7.784894002430293e-3', '-3.223964580411365e-1', '-2.400758277161838e0', '-2.549732539343734e0', '4.374664141464968e0', '2.938163982698783e0']) }})
                / ({{ polynomial(q, ['7.784695709041462e-3', '3.224671290700398e-1', '2.445134137142996e0', '3.754408661907416e0', '1e0']) }})
        else {{ p }}
            * ({{ polynomial(r, ['-3.969683028665376e1', '2.209460984245205e2', '-2.759285104469687e2', '1.383577518672690e2', '-3.066479806614716e1', '2.506628277459239e0']) }})
            / ({{ polynomial(r, ['-5.447609879822406e1', '1.615858368580409e2', '-1.556989798598866e2', '6.680131188771972e1', '-1.328068155288572e1', '1e0']) }})
    end
{%- endmacro %}

{#- A polynomial, the highest power first. -#}
{% macro polynomial(variable, coefficients) -%}
    {%- set written = namespace(text=coefficients[0]) -%}
    {%- for coefficient in coefficients[1:] -%}
        {%- set written.text = '(' ~ written.text ~ ') * ' ~ variable ~ ' + ' ~ coefficient -%}
    {%- endfor -%}
    {{ written.text | replace('+ -', '- ') }}
{%- endmacro %}
