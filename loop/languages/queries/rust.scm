(function_item name: (identifier) @name) @function
(function_item (visibility_modifier) @modifier name: (identifier) @name)
(struct_item name: (type_identifier) @name) @type
(struct_item (visibility_modifier) @modifier name: (type_identifier) @name)
(enum_item name: (type_identifier) @name) @type
(enum_item (visibility_modifier) @modifier name: (type_identifier) @name)
(union_item name: (type_identifier) @name) @type
(trait_item name: (type_identifier) @name) @type
(trait_item (visibility_modifier) @modifier name: (type_identifier) @name)
(type_item name: (type_identifier) @name) @type
(const_item name: (identifier) @name) @constant
(static_item name: (identifier) @name) @constant
(const_item (visibility_modifier) @modifier name: (identifier) @name)
(mod_item name: (identifier) @name body: (_)) @module
(mod_item (visibility_modifier) @modifier name: (identifier) @name body: (_))
(mod_item name: (identifier) !body) @import
(macro_definition name: (identifier) @name) @function
(impl_item trait: (_) @trait type: (_) @name) @impl
(impl_item !trait type: (_) @name) @impl
((attribute_item) @mark . (attribute_item)* . [(function_item name: (identifier) @name) (struct_item name: (type_identifier) @name) (mod_item name: (identifier) @name)])
(use_declaration) @import
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call) (scoped_identifier name: (identifier) @call) (generic_function function: [(identifier) @call (scoped_identifier name: (identifier) @call) (field_expression field: (field_identifier) @call)])])
(macro_invocation macro: (identifier) @call)
