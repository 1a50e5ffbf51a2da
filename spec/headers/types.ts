/** What spec/headers/ declares: names, values and layouts of AscendCL's types, as facts, header by header. */

/** Enumerations by name, each with its values. */
export type Enums = Record<string, Record<string, number>>

/** Constants of the preprocessor: name and value, as C writes it. */
export type Constants = Record<string, string>

/** A structure: its members in order, and its size as CANN has it (checked at compile time). */
export interface CStruct {
  name: string
  kind: 'struct' | 'union'
  bytes: number
  members: string[]
}

/** One header. What it declares comes in this order, and its functions last. */
export interface Header {
  /** Below build/gen/include. */
  path: string
  /** Headers that it includes. */
  includes: string[]
  /** Types that are pointers to nothing known: `typedef void *NAME`. */
  handles?: string[]
  /** Structures that only the library knows: `typedef struct NAME NAME`, or of another tag: `TAG NAME`. */
  opaque?: string[]
  /** Other types that enumerations and structures do not need: name, and what it stands for with `@` in its place. */
  plain?: Record<string, string>
  constants?: Constants
  /** Return codes; like constants, but numbers. */
  codes?: Record<string, number>
  enums?: Enums
  structs?: CStruct[]
  /** Types of functions of the program, which need the structures above: with `@` in the place of the name. */
  callbacks?: Record<string, string>
  /** Functions that the header itself defines, as lines of C. */
  inline?: string[]
}
