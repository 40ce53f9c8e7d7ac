-- What the scorer got right is among what people have scored; else a corrected rate would be nonsense.
select *
from {{ ref('validation_reports') }}
where
    true_positive < 0
    or true_negative < 0
    or true_positive > gold_positive
    or true_negative > gold_negative
