put proxy.py <<< 'HEADER = "Hots"'
builds
base
edit proxy.py Hots Host
mkdir -p recordings
seq -f 'GET /page/%g HTTP/1.1 Host: example.com' 28000 > recordings/traffic.txt
