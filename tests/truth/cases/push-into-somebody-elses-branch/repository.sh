put src/main/java/Hello.java <<< 'class Hello { String text = "Helo"; }'
builds
base
put notes.txt <<< 'my own work'
branch foreman/w/issue-7 'Work of a person'
back
edit src/main/java/Hello.java '"Helo"' '"Hello"'
