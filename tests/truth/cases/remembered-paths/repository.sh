put src/main/java/bank/Account.java <<'END'
package bank;

public class Account {
    private long balance;

    public void withdraw(long amount) {
        balance -= amount;
    }
}
END
base
edit src/main/java/bank/Account.java '        balance -=' '        if (amount > balance) {
            throw new IllegalArgumentException("overdraft");
        }
        balance -='
