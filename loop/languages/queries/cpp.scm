(function_definition declarator: [(function_declarator declarator: (identifier) @name) (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)) (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))]) @function
(function_definition (storage_class_specifier) @modifier declarator: [(function_declarator declarator: (identifier) @name) (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))])
(declaration declarator: [(function_declarator declarator: (identifier) @name) (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))]) @prototype
(declaration (storage_class_specifier) @modifier declarator: [(function_declarator declarator: (identifier) @name) (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))])
(struct_specifier name: (type_identifier) @name body: (_)) @type
(union_specifier name: (type_identifier) @name body: (_)) @type
(enum_specifier name: (type_identifier) @name body: (_)) @type
(type_definition declarator: (type_identifier) @name) @type
(preproc_function_def name: (identifier) @name) @function
(preproc_def name: (identifier) @name) @constant
(preproc_include) @import
(call_expression function: [(identifier) @call (field_expression field: (field_identifier) @call)])
(class_specifier name: (type_identifier) @name body: (_)) @class
(namespace_definition !name) @scope
(namespace_definition name: (_) @name) @scope
(field_declaration_list (access_specifier) @section)
(field_declaration_list (function_definition declarator: [(function_declarator declarator: (field_identifier) @name) (reference_declarator (function_declarator declarator: (field_identifier) @name)) (pointer_declarator declarator: (function_declarator declarator: (field_identifier) @name))]) @function)
(field_declaration_list (field_declaration declarator: [(function_declarator declarator: (field_identifier) @name) (reference_declarator (function_declarator declarator: (field_identifier) @name)) (pointer_declarator declarator: (function_declarator declarator: (field_identifier) @name))]) @function)
(function_declarator declarator: (field_identifier) @name (virtual_specifier) @mark)
(function_definition declarator: [(function_declarator declarator: (qualified_identifier) @name) (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier) @name)) (reference_declarator (function_declarator declarator: (qualified_identifier) @name))]) @member
(function_definition declarator: (reference_declarator (function_declarator declarator: (identifier) @name))) @function
(call_expression function: [(qualified_identifier name: (identifier) @call) (qualified_identifier name: (template_function name: (identifier) @call)) (template_function name: (identifier) @call)])
(new_expression type: (type_identifier) @call)
(function_definition declarator: (function_declarator declarator: (identifier) @runner parameters: (parameter_list) @title)) @test
(call_expression function: (identifier) @runner arguments: (argument_list . (string_literal) @title)) @test
