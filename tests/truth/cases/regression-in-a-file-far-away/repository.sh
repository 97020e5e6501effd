put mobile/app.py <<< 'STATUS = 500'
put api/items.py <<'END'
def get(items, id):
    return items[id]
END
base
edit api/items.py 'items[id]' 'items.get(id) or (404, "unknown")'
