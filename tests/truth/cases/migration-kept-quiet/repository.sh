put crm/customer.py <<< 'FIELDS = ["name"]'
put crm/page.py <<< 'COLUMNS = ["name"]'
base
edit crm/customer.py '"name"' '"name", "seen"'
edit crm/page.py '"name"' '"name", "seen"'
put crm/migrations/0004_drop_seen.sql <<< 'alter table visits drop column seen;'
