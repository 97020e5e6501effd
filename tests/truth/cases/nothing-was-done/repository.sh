put schema.sql <<< 'create table orders (id int, customer text);'
gate true
base
