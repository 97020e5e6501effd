put mailer/bounce.py <<'END'
bounced = []


def on_bounce(mail):
    bounced.append(mail)
END
base
put mailer/bounce.py <<'END'
bounced = set()


def on_bounce(mail):
    bounced.add(mail)
END
