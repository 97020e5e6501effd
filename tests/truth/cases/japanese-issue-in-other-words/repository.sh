put coupons/check.py <<'END'
def usable(coupon, today):
    return not coupon.used
END
base
edit coupons/check.py 'not coupon.used' 'not coupon.used and coupon.ends >= today'
