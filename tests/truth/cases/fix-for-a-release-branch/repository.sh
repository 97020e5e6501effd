put src/main/java/About.java <<< 'class About { int year = 2025; }'
put src/main/java/Version.java <<< 'class Version { String text = "1.3"; }'
base
edit src/main/java/Version.java 1.3 1.4
put NEWS.md <<< '# 1.4'
base 'Release 1.4' release-1
edit src/main/java/About.java 2025 2026
