put 'docs/Übersicht der Preise.md' <<< 'Ein Kaffee kostet 2.50 Euro.'
put 'läden/preis anzeigen.py' <<'END'
def anzeigen(preis):
    return f"{preis:.2f} €"
END
base
edit 'docs/Übersicht der Preise.md' 2.50 2,50
edit 'läden/preis anzeigen.py' '€"' '€".replace(".", ",")'
