put calendar/zones.py <<'END'
from datetime import UTC


def aware(date):
    return date if date.tzinfo else date.replace(tzinfo=UTC)
END
put docs/guide.md <<'END'
# Guide

Dates are dates.
END
base
edit docs/guide.md 'Dates are dates.' 'A date without a zone is taken for UTC.'
