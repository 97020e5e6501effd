put src/list.rs <<< 'pub fn sort(_: &mut Vec<String>) {}'
base
edit src/list.rs '_: &mut Vec<String>) {}' 'xs: &mut Vec<String>) { xs.sort() }'
