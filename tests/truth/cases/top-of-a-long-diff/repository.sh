mkdir shop
lines 450 'PRICE_@ = @.99' > shop/prices.py
base
lines 450 'PRICE_@ = @99' > shop/prices.py
