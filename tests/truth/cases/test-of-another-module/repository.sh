put ledger/rounding.py <<< 'def cents(x): return int(x * 100)'
put ledger/export.py <<< 'def rows(xs): return xs'
base
edit ledger/export.py 'return xs' 'return list(xs)'
put tests/test_export.py <<'END'
from ledger.export import rows


def test_rows():
    assert rows(()) == []
END
