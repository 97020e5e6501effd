put proxy.py <<< 'HEADER = "Hots"'
builds
base
edit proxy.py Hots Host
mkdir -p recordings
lines 60000 'GET /page/@ HTTP/1.1 Host: example.com' > recordings/traffic.txt
