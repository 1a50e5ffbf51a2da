/** The operators of the recordings: what each of its tensors is, in the order in which the recording lists their shapes. */

export type Type = 'FLOAT' | 'FLOAT16' | 'INT32'
export const elementBytes: Record<Type, number> = { FLOAT: 4, FLOAT16: 2, INT32: 4 }

/**
 * What a tensor is to an operator, which says where it lies (places.ts): `read` and `half` are what an operator before it
 * wrote, `written` or a `temporary` of the pool; `matrix` and `scale` are weights; `other` is a scale or offset where it
 * is smaller than the first operand, else as `read`; `copied` is what was copied to the device last, `allocated` what was
 * allocated last; `cached` and `kept` are blocks of the key-value cache that are written and read; `sines` and `angles`
 * are the tables of the rotary embedding, written and read.
 */
export type Role = keyof typeof types

export const types = {
  read: 'FLOAT',
  half: 'FLOAT16',
  other: 'FLOAT',
  written: 'FLOAT',
  temporary: 'FLOAT16',
  matrix: 'FLOAT16',
  scale: 'FLOAT',
  copied: 'FLOAT16',
  allocated: 'FLOAT',
  cached: 'FLOAT16',
  kept: 'FLOAT16',
  index: 'INT32',
  sines: 'FLOAT',
  angles: 'FLOAT',
} satisfies Record<string, Type>

/** A last place that a recording does not list is an output like the first operand. */
export const operators: Record<string, Role[]> = {
  Add: ['read', 'other', 'written'],
  Cast: ['read', 'temporary'],
  Cos: ['read', 'written'],
  FusedInferAttentionScoreV2: ['half', 'half', 'temporary'],
  GatherV2: ['read', 'index', 'written'],
  InplaceFillScalar: ['allocated'],
  InplaceIndexCopy: ['cached', 'index', 'half'],
  InplaceMul: ['read', 'other'],
  Mm: ['read', 'matrix', 'written'],
  Mul: ['read', 'other', 'written'],
  Repeat: ['read', 'sines'],
  RmsNorm: ['read', 'scale', 'written', 'written'],
  RotaryPositionEmbedding: ['read', 'angles', 'angles', 'written'],
  Silu: ['read', 'written'],
  Sin: ['read', 'written'],
  TransMatmulWeight: ['copied'],
}

/** Whether an operator writes the operand at a place. */
export const writes = (kind: string, place: number): boolean =>
  ['written', 'temporary', 'sines', 'allocated', 'cached', 'copied'].includes(operators[kind]![place]!) ||
  (kind === 'InplaceMul' && place === 0)
