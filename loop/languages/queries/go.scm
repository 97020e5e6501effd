(function_declaration name: (identifier) @name) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: (_) @receiver)) name: (field_identifier) @name) @function
(type_spec name: (type_identifier) @name) @type
(source_file (const_declaration (const_spec name: (identifier) @name) @constant))
(source_file (var_declaration (var_spec name: (identifier) @name) @constant))
(import_spec) @import
(call_expression function: (selector_expression field: (field_identifier) @runner) arguments: (argument_list . (interpreted_string_literal) @title . (func_literal))) @test
(call_expression function: [(identifier) @call (selector_expression field: (field_identifier) @call)])
