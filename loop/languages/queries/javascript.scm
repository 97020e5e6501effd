(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(class_declaration name: (identifier) @name) @type
(method_definition name: [(property_identifier) (private_property_identifier)] @name) @function
(variable_declarator name: (identifier) @name value: [(arrow_function) (function_expression) (generator_function)]) @function
(program (lexical_declaration (variable_declarator name: (identifier) @name) @constant))
(program (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name) @constant)))
(field_definition property: [(property_identifier) (private_property_identifier)] @name value: [(arrow_function) (function_expression)]) @function
(assignment_expression left: (member_expression property: (property_identifier) @name) @member right: [(arrow_function) (function_expression)]) @function
(export_statement declaration: (function_declaration name: (identifier) @name)) @public
(export_statement declaration: (generator_function_declaration name: (identifier) @name)) @public
(export_statement declaration: (class_declaration name: (identifier) @name)) @public
(export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name))) @public
(export_statement "default" @mark declaration: [(function_declaration name: (identifier) @name) (class_declaration name: (identifier) @name)])
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
