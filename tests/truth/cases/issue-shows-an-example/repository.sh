put slug.py <<'END'
def slug(text):
    return text
END
builds
base
edit slug.py 'return text' 'return text.lower()'
