;; The module of fixed.c: two pages of memory for good.
(module
  (memory (export "memory") 2 2)
  (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "poke") (param i32) (result i32) (i32.store8 (local.get 0) (i32.const 7)) (i32.load8_u (local.get 0)))
  (func (export "wipe") (param i32) (result i32) (memory.fill (local.get 0) (i32.const 0) (i32.const 16)) (i32.const 1)))
