(function_definition name: (name) @name) @function
(class_declaration name: (name) @name) @type
(interface_declaration name: (name) @name) @type
(trait_declaration name: (name) @name) @type
(enum_declaration name: (name) @name) @type
(method_declaration name: (name) @name) @function
(method_declaration (visibility_modifier) @modifier name: (name) @name)
(method_declaration attributes: (attribute_list) @mark name: (name) @name)
(const_declaration (const_element . (name) @name) @constant)
(namespace_use_declaration) @import
[(require_once_expression) (require_expression) (include_expression) (include_once_expression)] @import
(function_call_expression function: (name) @call)
(member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(object_creation_expression (name) @call)
