put schema.sql <<< 'create table orders (id int, customer text);'
builds
base
