put billing/invoice.py <<'END'
VAT = 0.19


def invoice_total(net):
    return net * (1 + VAT) * (1 + VAT)
END
put billing/customer.py <<'END'
def customer_discount(customer):
    return 0
END
put media/thumbnails.py <<'END'
def resize_picture(picture, width):
    return picture[:width]
END
put media/cache.py <<'END'
from media.thumbnails import resize_picture


def remember(picture):
    return resize_picture(picture, 100)
END
builds
base
edit media/cache.py '100' '200'
