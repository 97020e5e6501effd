put db/0007_add_email.py <<'END'
depends = "0006"

def up(db):
    db.execute("alter table users add email text")
END
put db/0008_index.py <<< 'depends = "0007"'
base
rm db/0007_add_email.py
