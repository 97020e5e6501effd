put src/lib.rs <<< 'pub fn ordered(items: Vec<u8>) -> Vec<u8> { items }'
put tests/order.rs <<'END'
#[test]
fn is_empty() {
    assert_eq!(x::ordered(vec![]), Vec::<u8>::new());
}

#[test]
fn keeps_order() {
    assert_eq!(x::ordered(vec![2, 1]), vec![1, 2]);
}
END
gate true
base
edit tests/order.rs '#[test]
fn keeps_order' 'fn keeps_order'
