put src/main/java/io/Exporter.java <<< 'package io; class Exporter { void header() {} }'
put src/main/java/io/Importer.java <<< 'package io; class Importer { void read() {} }'
base
rm src/main/java/io/Importer.java
