(class_declaration name: (identifier) @name) @type
(interface_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @type
(record_declaration name: (identifier) @name) @type
(annotation_type_declaration name: (identifier) @name) @type
(method_declaration name: (identifier) @name) @function
(class_declaration (modifiers) @modifier name: (identifier) @name)
(interface_declaration (modifiers) @modifier name: (identifier) @name)
(enum_declaration (modifiers) @modifier name: (identifier) @name)
(record_declaration (modifiers) @modifier name: (identifier) @name)
(method_declaration (modifiers) @modifier name: (identifier) @name)
(method_declaration (modifiers [(marker_annotation) (annotation)] @mark) name: (identifier) @name)
(class_declaration (modifiers [(marker_annotation) (annotation)] @mark) name: (identifier) @name)
(import_declaration) @import
(method_invocation name: (identifier) @call)
(object_creation_expression type: (type_identifier) @call)
(method_reference (identifier) @call .)
