(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(class_declaration name: (type_identifier) @name) @type
(method_definition name: [(property_identifier) (private_property_identifier)] @name) @function
(variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression) (generator_function)]) @function
(program (lexical_declaration (variable_declarator name: (identifier) @name) @constant))
(program (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name) @constant)))
(public_field_definition name: [(property_identifier) (private_property_identifier)] @name value: [(arrow_function) (function_expression)]) @function
(assignment_expression left: (member_expression property: (property_identifier) @name) @member right: [(arrow_function) (function_expression)]) @function
(export_statement declaration: (function_declaration name: (identifier) @name)) @public
(export_statement declaration: (generator_function_declaration name: (identifier) @name)) @public
(export_statement declaration: (class_declaration name: (type_identifier) @name)) @public
(export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name))) @public
(export_statement "default" @mark declaration: [(function_declaration name: (identifier) @name) (class_declaration name: (type_identifier) @name)])
(export_statement "default" @default value: (identifier) @exported)
(export_specifier name: (identifier) @exported)
(assignment_expression left: (member_expression) @member right: (identifier) @exported @default)
(assignment_expression left: (member_expression) @member right: (object [(shorthand_property_identifier) @exported (pair value: (identifier) @exported)]))
(import_statement) @import
(export_statement source: (string)) @import
(call_expression function: [(identifier) (import)] @loader arguments: (arguments . (string) @source))
(call_expression function: (_) @runner arguments: (arguments . [(string) (template_string)] @title . [(arrow_function) (function_expression)])) @test
(call_expression function: [(identifier) @call (member_expression property: [(property_identifier) (private_property_identifier)] @call)])
(new_expression constructor: (identifier) @call)
(abstract_class_declaration name: (type_identifier) @name) @type
(interface_declaration name: (type_identifier) @name) @type
(type_alias_declaration name: (type_identifier) @name) @type
(enum_declaration name: (identifier) @name) @type
(function_signature name: (identifier) @name) @function
(export_statement declaration: [(abstract_class_declaration name: (type_identifier) @name) (interface_declaration name: (type_identifier) @name) (type_alias_declaration name: (type_identifier) @name) (enum_declaration name: (identifier) @name)]) @public
(method_definition (accessibility_modifier) @modifier name: (property_identifier) @name)
(public_field_definition (accessibility_modifier) @modifier name: (property_identifier) @name value: (arrow_function))
(class_body (decorator) @mark . (method_definition name: (property_identifier) @name))
(class_declaration (decorator) @mark name: (type_identifier) @name)
(export_statement (decorator) @mark declaration: (class_declaration name: (type_identifier) @name))
