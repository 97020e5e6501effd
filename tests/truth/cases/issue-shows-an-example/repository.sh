put slug.py <<'END'
def slug(text):
    return text
END
gate true
base
edit slug.py 'return text' 'return text.lower()'
