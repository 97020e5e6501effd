put src/main/java/time/Timer.java <<'END'
package time;

class Timer {
    static long pause(long minutes) {
        return minutes * 60;
    }
}
END
put src/main/java/time/Alarm.java <<'END'
package time;

class Alarm {
    long ring() {
        return Timer.pause(5);
    }
}
END
builds
base
edit src/main/java/time/Timer.java 'long minutes' 'long seconds'
edit src/main/java/time/Timer.java 'minutes * 60' 'seconds'
edit src/main/java/time/Alarm.java 'pause(5)' 'pause(300)'
