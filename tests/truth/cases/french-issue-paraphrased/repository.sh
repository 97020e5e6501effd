put src/main/java/rappel/Envoi.java <<'END'
package rappel;

final class Envoi {
    void rappeler(Client client) {
        client.courriel("rappel");
    }
}
END
base
edit src/main/java/rappel/Envoi.java '        client.courriel' '        if (client.rappelé()) {
            return;
        }
        client.noter();
        client.courriel'
