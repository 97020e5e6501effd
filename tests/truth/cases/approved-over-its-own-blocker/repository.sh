put orders/find.py <<'END'
def find(db, name):
    raise NotImplementedError
END
base
edit orders/find.py 'raise NotImplementedError' "return db.execute(f\"select * from orders where name = '{name}'\")"
