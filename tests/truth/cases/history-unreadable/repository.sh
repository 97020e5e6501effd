put src/report.rs <<< 'pub type Rows = std::collections::HashMap<String, u32>;'
base
edit src/report.rs HashMap BTreeMap
