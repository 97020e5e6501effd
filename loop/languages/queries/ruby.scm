(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(class name: (_) @name) @type
(module name: (_) @name) @module
(assignment left: (constant) @name) @constant
(body_statement [(identifier) (call method: (identifier) !arguments !receiver)] @section)
(call method: (identifier) @modifier arguments: (argument_list [(method name: (_) @name) (singleton_method name: (_) @name)]))
(call method: (identifier) @loader arguments: (argument_list . (string) @source))
(call method: (identifier) @runner arguments: (argument_list . (string) @title) block: (_)) @test
(call method: (identifier) @call)
