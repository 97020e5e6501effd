put src/main/java/shop/Shipping.java <<'END'
package shop;

final class Shipping {
    static int cost(int order) {
        return 5;
    }
}
END
base
edit src/main/java/shop/Shipping.java 'return 5' 'return order > 100 ? 0 : 5'
