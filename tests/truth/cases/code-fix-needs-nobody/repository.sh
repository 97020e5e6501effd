put src/main/java/Hello.java <<< 'class Hello { String text = "Helo"; }'
builds
base
edit src/main/java/Hello.java '"Helo"' '"Hello"'
