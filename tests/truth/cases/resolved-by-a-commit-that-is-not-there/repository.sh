put banner.py <<< 'TEXT = "Welcom"'
gate true
base
