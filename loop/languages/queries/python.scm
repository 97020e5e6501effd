(function_definition name: (identifier) @name) @function
(class_definition name: (identifier) @name) @type
(decorated_definition (decorator) @mark definition: (function_definition name: (identifier) @name)) @function
(decorated_definition (decorator) @mark definition: (class_definition name: (identifier) @name)) @type
(module (expression_statement (assignment left: (identifier) @name) @constant))
(import_statement) @import
(import_from_statement) @import
(call function: [(identifier) @call (attribute attribute: (identifier) @call)])
