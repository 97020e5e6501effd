put banner.py <<< 'TEXT = "Welcom"'
builds
base
