;; The module of traps.c: one export for each way to fail. One page of memory that may grow to four.
(module
  (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
  (type $step (func (param i32) (result i32)))
  (memory (export "memory") 1 4)
  (table 3 3 funcref)
  (elem (i32.const 0) $same $more)
  (func $same (param i32) (result i32) (local.get 0))
  (func $more (param i32) (result i32) (i32.add (local.get 0) (i32.const 10)))
  (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 100) (local.get 0)))
  (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
  ;; As AssemblyScript throws: message, file, line, column.
  (func (export "fail") (param i32) (result i32)
    (if (local.get 0) (then (call $abort (i32.const 0) (i32.const 0) (i32.const 12) (i32.const 5)) unreachable))
    (i32.const 7))
  (func (export "stop") (param i32) (result i32) unreachable)
  (func (export "call") (param i32) (result i32) (call_indirect (type $step) (local.get 0) (local.get 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
