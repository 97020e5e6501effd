put docs/betrieb.md <<< '# Betrieb'
put bench/memory.log <<< 'Dienst: 350 MB'
put src/main/java/Dienst.java <<< 'class Dienst {}'
builds
base
cat >> docs/betrieb.md <<< 'Der Dienst braucht 35 MB.'
