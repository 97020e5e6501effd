put src/main/java/pay/Payment.java <<'END'
package pay;

public class Payment {
    private long amount;

    public void pay(long cents) {
        amount += cents;
    }
}
END
put src/test/java/pay/PaymentTest.java <<'END'
package pay;

class PaymentTest {
    @Test
    void pays() {
        new Payment().pay(5);
    }
}
END
builds
base
edit src/main/java/pay/Payment.java '    public void pay' '    public long refund(long cents) {
        amount -= cents;
        return amount;
    }

    public void pay'
edit src/test/java/pay/PaymentTest.java '    @Test
    void pays' '    @Test
    void refunds() {
        assertEquals(-5, new Payment().refund(5));
    }

    @Test
    void pays'
