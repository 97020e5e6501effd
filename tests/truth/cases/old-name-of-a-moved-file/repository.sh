put src/main/java/app/Sender.java <<'END'
package app;

import java.util.List;

public final class Sender {
    private int sent = 0;

    public int send(List<String> mails) {
        sent += mails.size();
        return sent;
    }
}
END
base
mkdir -p src/main/java/mail
mv src/main/java/app/Sender.java src/main/java/mail/Sender.java
edit src/main/java/mail/Sender.java 'int sent' 'long sent'
